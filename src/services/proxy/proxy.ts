import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Forwarder, ForwardReply, ForwardRequest } from '../../domain/forwarder.ts';
import { headersForClient, headersForTarget } from '../../domain/forwarded-headers.ts';
import type { Registry } from '../compositors/registry.ts';
import { IdleWatch } from './idle-watch.ts';
import { tapped } from './tap.ts';

/** Milliseconds without a byte either way after which a forwarded request is given up; while bytes flow it may last for ever. */
const IDLE = 60_000;
/** How many requests are forwarded to one compositor at a time: a slow one must not keep every socket. */
const AT_ONCE = 64;

/** Forwards requests to the compositors' own HTTP API. Any replica does; no connector is needed. */
export class Proxy {
  readonly #registry: Registry;
  readonly #forwarder: Forwarder;
  readonly #clock: Clock;
  readonly #open = new Map<string, number>();

  constructor(options: { registry: Registry; forwarder: Forwarder; clock: Clock }) {
    this.#registry = options.registry;
    this.#forwarder = options.forwarder;
    this.#clock = options.clock;
  }

  /**
   * Resolves when the head of the compositor's reply is there; its body ends the request when it is destroyed. `root` is the
   * path under which the caller knows the compositor's `/`. Throws not-found, not-connected, rate-limited, bad-answer, timed-out.
   */
  async forward(id: string, request: ForwardRequest, root: string, gone: AbortSignal): Promise<ForwardReply> {
    const target = targetOf(await this.#registry.find(id));
    const close = this.#enter(id);
    const idle = new AbortController();
    const watch = new IdleWatch({ clock: this.#clock, ms: IDLE, idle: () => idle.abort() });
    const moved = () => watch.moved();
    const end = () => {
      watch.stop();
      close();
    };
    try {
      const { body: upload, ...rest } = request;
      const { status, headers, body } = await this.#forwarder.forward(
        target,
        {
          ...rest,
          headers: headersForTarget(request.headers),
          ...(upload && { body: tapped(upload, moved) }),
        },
        AbortSignal.any([gone, idle.signal]),
      );
      // Its body may begin as much later again.
      moved();
      return {
        status,
        headers: headersForClient(headers, root),
        body: tapped(body, moved).once('close', end),
      };
    } catch (error) {
      end();
      throw domainErrorOf(error);
    }
  }

  #enter(id: string): () => void {
    const open = this.#open.get(id) ?? 0;
    if (open >= AT_ONCE)
      throw new DomainError('rate-limited', `${AT_ONCE} requests are being forwarded to it already`, {
        retryAfter: 1,
      });
    this.#open.set(id, open + 1);
    return () => {
      const left = this.#open.get(id)! - 1;
      if (left > 0) this.#open.set(id, left);
      else this.#open.delete(id);
    };
  }
}

function targetOf(entry: Compositor): Target {
  const { id, protocol, address, port } = entry;
  const name = JSON.stringify(id);
  const refused = (why: string) => new DomainError('not-connected', `${name} ${why}`);
  if (!entry.enabled) throw refused('is stopped (enabled: false)');
  if (entry.staleAt !== undefined) throw refused('is stale: its address may be of somebody else by now');
  if (address === undefined || protocol === undefined) throw refused('has no address and protocol');
  if (protocol !== 'http' && protocol !== 'https')
    throw refused(`speaks ${protocol}, and only http and https can be forwarded to`);
  return { id, protocol, address, ...(port !== undefined && { port }) };
}

function domainErrorOf(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const { kind: cause, message } = error;
  const kind = cause === 'refused' ? 'not-connected' : cause === 'timeout' ? 'timed-out' : 'bad-answer';
  return new DomainError(kind, message, { cause: error });
}
