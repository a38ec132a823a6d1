import type { Compositor } from '../../domain/compositor.ts';
import type { ConnectorEvents, PeerRequest, RequestOutcome } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Writer } from '../../domain/holder.ts';
import type { Logger } from '../../domain/logger.ts';
import type { TileWrite, TileWrites } from '../../domain/publishing.ts';
import type { Registration } from '../../domain/registration.ts';
import type { Publisher } from '../compositors/publisher.ts';
import type { Registry } from '../compositors/registry.ts';
import type { Relay } from '../relay/relay.ts';
import type { RelaySender } from '../relay/relay-sender.ts';

type Body = Readonly<Record<string, unknown>>;

/** Checks the bodies of a peer's messages. Each throws `invalid-request` or `too-large`, as for a request over HTTP. */
export interface PeerBodies {
  register(body: Body): Registration;
  tiles(body: Body): { tiles: Readonly<Record<string, TileWrite | null>>; generation?: string };
  lease(body: Body): { cursor?: string; generation?: string };
  leave(body: Body): { generation?: string };
}

/** What carries out the messages of compositors. */
export interface PeerServices {
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly bodies: PeerBodies;
  readonly relay: Relay;
  readonly log: Logger;
}

export interface PeerEventsOptions extends PeerServices {
  /** For whom the connection writes: a generation that a request names itself comes first. */
  readonly writer: Writer;
  /** Shows an error in the health of the compositor. */
  readonly recordError: (text: string) => void;
}

/** What a compositor is that the daemon has connected to: it shows no token, and is held to the limits of its registration. */
export const OVER_CONNECTION: Writer = { overConnection: true };

/** Handles messages that the compositor `id` sends on its connection: tiles, requests, and what all viewers get. */
export function peerEvents(id: string, options: PeerEventsOptions): Omit<ConnectorEvents, 'lost'> {
  const { registry, publisher, relay, writer, recordError } = options;
  // Most compositors never send what this is for.
  let sender: RelaySender | undefined;
  return {
    tiles: async (writes) => {
      const { generation = registry.get(id)?.generation } = writer;
      const refused = await publisher
        .patchEach(id, writes, { ...writer, generation })
        .catch((error: unknown) => {
          if (error instanceof DomainError) recordError(`tiles refused: ${error.message}`);
          throw error;
        });
      const [first] = refused;
      if (first) recordError(`${refused.length} tiles refused, such as ${first.field}: ${first.detail}`);
      return refused.length;
    },
    request: async (requests) => {
      const [first] = requests;
      return first?.type === 'tiles'
        ? publishAll(id, requests, options)
        : Promise.all(requests.map((request) => outcomeOf(answer(id, request, options))));
    },
    relay: (message) => (sender ??= relay.sender({ compositor: id })).take(message),
  };
}

/** Answers a request as the REST API would, for this compositor alone. Throws the DomainErrors of the REST call. */
async function answer(
  id: string,
  { type, body }: PeerRequest,
  { registry, publisher, bodies, writer }: PeerEventsOptions,
): Promise<unknown> {
  switch (type) {
    case 'register':
      return registry.register(
        { ...withEndpoint(bodies.register(body), registry.get(id)), id },
        'take',
        writer,
      );
    case 'lease': {
      const { cursor, generation = writer.generation } = bodies.lease(body);
      return registry.renew(id, generation, cursor as Cursor | undefined);
    }
    case 'leave': {
      const holder = speaking(writer, bodies.leave(body).generation);
      // A compositor of the configuration stays registered: removed, it would stay away until the configuration is read again.
      return registry.get(id)?.managedBy === undefined
        ? registry.leave(id, holder)
        : publisher.put(id, new Map(), undefined, holder);
    }
  }
}

/** Requests of the type `tiles` by one generation, in one commit. */
async function publishAll(
  id: string,
  requests: readonly PeerRequest[],
  { publisher, bodies, writer }: PeerEventsOptions,
): Promise<RequestOutcome[]> {
  const outcomes: RequestOutcome[] = [];
  const valid: { place: number; writes: TileWrites; generation: string | undefined }[] = [];
  for (const [place, { body }] of requests.entries())
    try {
      const { tiles, generation } = bodies.tiles(body);
      valid.push({ place, writes: new Map(Object.entries(tiles)), generation });
    } catch (error) {
      outcomes[place] = { error };
    }
  const [first] = valid;
  if (!first) return outcomes;
  const results = await publisher
    .patchTogether(
      id,
      valid.map(({ writes }) => writes),
      speaking(writer, first.generation),
    )
    .catch((error: unknown) => valid.map(() => error));
  for (const [i, { place }] of valid.entries()) {
    const result = results[i];
    outcomes[place] = result instanceof Error ? { error: result } : { body: result };
  }
  return outcomes;
}

function outcomeOf(answered: Promise<unknown>): Promise<RequestOutcome> {
  return answered.then(
    (body) => ({ body }),
    (error: unknown) => ({ error }),
  );
}

function speaking(writer: Writer, generation = writer.generation): Writer {
  return { ...writer, generation };
}

/** A registration that names no endpoint keeps the present one: an entry without an endpoint would end this connection. */
function withEndpoint(
  wanted: Registration,
  { protocol, address, port }: Partial<Compositor> = {},
): Registration {
  if ([wanted.protocol, wanted.address, wanted.port].some((each) => each !== undefined)) return wanted;
  return {
    ...wanted,
    ...(protocol !== undefined && { protocol }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  };
}
