import type { Bearers } from '../../domain/bearers.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Tracer } from '../../domain/tracer.ts';
import type { Guard } from './guard.ts';

/**
 * What a peer did wrong without any effect, and is only counted:
 *
 * - `garbage`: a message that is not a JSON object, or binary.
 * - `unknown`: a type of message that the daemon does not know.
 * - `invalid`: a known type with invalid fields.
 * - `refused`: a tile that the rules refuse, such as another compositor's.
 * - `late`: a reply to no command, or to one that has timed out.
 * - `flood`: a heartbeat that was not answered because there were too many.
 */
export type ProtocolViolation = 'garbage' | 'unknown' | 'invalid' | 'refused' | 'late' | 'flood';

export type CountViolation = (kind: ProtocolViolation, times?: number) => void;

/** What connectors know of the messages that are passed on to all. */
export interface RelayParts {
  /** The types that are passed on. */
  readonly types: ReadonlySet<string>;
  /** Counts a message, by its type, that a peer did not get because it does not read. */
  readonly dropped: (type: string) => void;
}

/** What connectors are made with, beside their target. */
export interface ConnectorParts {
  readonly guard: Guard;
  readonly clock: Clock;
  /** Counts protocol violations of all peers together. */
  readonly count: CountViolation;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly relay: RelayParts;
  /** The problem that a peer gets when its request throws. */
  readonly problemOf: (error: unknown) => object;
  /** By which the daemon is known to some compositors. */
  readonly bearers?: Bearers;
  readonly tracer?: Tracer;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
}
