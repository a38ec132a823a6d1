import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import { DomainError } from '../../domain/errors.ts';
import { headersForClient, headersForTarget } from '../../domain/forwarded-headers.ts';
import type { Forwarder, ForwardReply, ForwardRequest } from '../../domain/forwarder.ts';
import type { Registry } from '../compositors/registry.ts';
import { IdleTimeout } from './idle-timeout.ts';

/** A forwarded request ends after this many milliseconds without a byte in either direction. While bytes flow, it has no limit. */
const IDLE = 60_000;
/** The most requests forwarded to one compositor at a time: a slow one must not take every socket. */
const CONCURRENT = 64;

/** Forwards requests to the compositors' own HTTP API. Any replica can do it, because it needs no connection of its own. */
export class Proxy {
  readonly #registry: Registry;
  readonly #forwarder: Forwarder;
  readonly #clock: Clock;
  /** Requests under way, by compositor. */
  readonly #open = new Map<string, number>();

  constructor(options: { registry: Registry; forwarder: Forwarder; clock: Clock }) {
    this.#registry = options.registry;
    this.#forwarder = options.forwarder;
    this.#clock = options.clock;
  }

  /**
   * Resolves when the head of the compositor's reply has arrived. Destroying its body ends the request. `root` is the path
   * under which the client sees the compositor's `/`. Throws not-found, not-connected, rate-limited, bad-answer, timed-out.
   */
  async forward(
    id: string,
    request: ForwardRequest,
    root: string,
    ended: AbortSignal,
  ): Promise<ForwardReply> {
    const target = targetOf(await this.#registry.find(id));
    this.#count(id);
    const idle = new IdleTimeout(this.#clock, IDLE);
    const end = () => {
      idle.clear();
      this.#uncount(id);
    };
    try {
      const { body: upload, ...rest } = request;
      const { status, headers, body } = await this.#forwarder.forward(
        target,
        {
          ...rest,
          headers: headersForTarget(request.headers),
          ...(upload && { body: idle.watch(upload) }),
        },
        AbortSignal.any([ended, idle.signal]),
      );
      // The first byte of the body may take as long again as the head.
      idle.restart();
      return {
        status,
        headers: headersForClient(headers, root),
        body: idle.watch(body).once('close', end),
      };
    } catch (error) {
      end();
      throw domainErrorOf(error);
    }
  }

  #count(id: string): void {
    const open = this.#open.get(id) ?? 0;
    if (open >= CONCURRENT)
      throw new DomainError('rate-limited', `${CONCURRENT} requests are already being forwarded to it`, {
        retryAfter: 1,
      });
    this.#open.set(id, open + 1);
  }

  #uncount(id: string): void {
    const left = this.#open.get(id)! - 1;
    if (left > 0) this.#open.set(id, left);
    else this.#open.delete(id);
  }
}

function targetOf(entry: Compositor): Target {
  const { id, protocol, address, port } = entry;
  const notConnected = (why: string) => new DomainError('not-connected', `${JSON.stringify(id)} ${why}`);
  if (!entry.enabled) throw notConnected('is stopped (enabled: false)');
  if (entry.staleAt !== undefined)
    throw notConnected('is stale: its address may belong to another host by now');
  if (address === undefined || protocol === undefined) throw notConnected('has no address and protocol');
  if (protocol !== 'http' && protocol !== 'https')
    throw notConnected(`has the protocol ${protocol}; only http and https can be forwarded`);
  return { id, protocol, address, ...(port !== undefined && { port }) };
}

function domainErrorOf(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const { kind: cause, message } = error;
  const kind = cause === 'refused' ? 'not-connected' : cause === 'timeout' ? 'timed-out' : 'bad-answer';
  return new DomainError(kind, message, { cause: error });
}
