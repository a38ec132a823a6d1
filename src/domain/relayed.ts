import { isObject } from './json.ts';
import { isCommandType } from './relay-types.ts';

/** A message of a compositor or of a client of the socket that others get, and that the manifest does not keep. */
export interface Relayed {
  /** Names the sender among those of all replicas: it does not get its own message. */
  readonly from: string;
  /** The id of the compositor that sent it; absent: a client of the socket did. */
  readonly compositor?: string;
  readonly type: string;
  /** The message in JSON, as its sender wrote it. */
  readonly text: string;
  /** Compositors get it, too. */
  readonly forCompositors?: boolean;
}

/** Characters of a relayed message at most. */
export const RELAYED_LIMIT = 65_536;

/** The name under which a newer message of the same sender replaces this one; undefined when none does. */
export function conflationName({ type, from }: Relayed): string | undefined {
  return isCommandType(type) ? undefined : `${type} ${from}`;
}

/** The messages that another replica published together. What has another form is left out: others may write to the bus, too. */
export function parseRelayed(received: unknown): Relayed[] {
  const messages = isObject(received) ? received['messages'] : undefined;
  return Array.isArray(messages) ? messages.filter(isRelayed) : [];
}

function isRelayed(message: unknown): message is Relayed {
  if (!isObject(message)) return false;
  const { from, compositor, type, text, forCompositors } = message;
  return (
    typeof from === 'string' &&
    typeof type === 'string' &&
    typeof text === 'string' &&
    text.length <= RELAYED_LIMIT &&
    (compositor === undefined || typeof compositor === 'string') &&
    (forCompositors === undefined || typeof forCompositors === 'boolean')
  );
}
