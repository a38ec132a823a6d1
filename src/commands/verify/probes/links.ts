import { SystemClock } from '../../../adapters/system-clock.ts';
import { withTimeout } from '../../../concurrency/timeout.ts';
import { isUnavailable, pause, type HttpReply } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { LinkSession } from '../link-session.ts';
import type { Observer } from '../observer.ts';
import type { Registered } from '../test-compositors.ts';
import { Writer } from '../writer.ts';

/** Seconds. */
const TTL = 2;
/** Milliseconds. */
const COMMAND_INTERVAL = 200;
/** Seconds: a replica that stands still for a while answers all the same. */
const COMMAND_TIMEOUT = 6;
const REOPEN_DELAY = 200;
const REPLACED_LIMIT = 5000;
/** Writes at one URL before the link moves to the next. */
const STAY = 8;

/** A writer whose tiles go over its link, which moves from one URL to the next. */
export async function runLinkedWriter(context: VerifyContext, id: string, row: number): Promise<void> {
  const { compositors, urls, over } = context;
  const registered = await compositors.register({ id, signal: over });
  if (!registered) return;
  const links = new Links(context, registered);
  const linked: string[] = [];
  // Some proxies pass no WebSocket on.
  for (const url of urls) if (await links.at(url)) linked.push(...new Array<string>(STAY).fill(url));
  if (linked.length > 0 && !over.aborted)
    await new Writer(context, {
      registered,
      row,
      writeTiles: (url, tiles, what) => links.write(url, tiles, what),
    }).run(linked);
  links.close();
}

/** A compositor that says nothing over its link: its lease lasts, and commands sent to any URL arrive. */
export async function probeCommands(context: VerifyContext, observers: readonly Observer[]): Promise<void> {
  const { compositors, urls, observations, over } = context;
  const registered = await compositors.register({ id: compositors.id('dialed'), ttl: TTL, signal: over });
  if (!registered) return;
  const { id, reply } = registered;
  let [lastUp, longest, sent] = [reply.sentAt, 0, 0];
  for (let i = 0; !over.aborted; i++) {
    const session = await open(context, registered, urls[i % urls.length]!);
    if (session) {
      longest = Math.max(longest, performance.now() - lastUp);
      sent += await sendCommands(context, id, session);
      lastUp = performance.now();
      session.close();
    }
    await pause(REOPEN_DELAY, over);
  }
  const ends = observers.filter((observer) => observer.staleAt(id) !== undefined).length;
  observations.renewals.push({ id: `the link of ${id}`, ttl: TTL, renewed: sent, longest, ends });
}

/** Sends commands at one URL after the other while the link is open; returns how many were answered. */
async function sendCommands(context: VerifyContext, id: string, session: LinkSession): Promise<number> {
  const { urls, send, observations, over } = context;
  const isUp = () => session.isOpen && !over.aborted;
  let answered = 0;
  for (let n = 1; isUp(); n++) {
    const url = urls[n % urls.length]!;
    const request = { method: 'POST', body: { command: 'verify', params: { n }, timeout: COMMAND_TIMEOUT } };
    const open = performance.now() - session.openedAt;
    const { status, code, body, ms } = await send(url, `/compositors/${id}/commands`, request);
    const { answer } = (body ?? {}) as { answer?: { params?: { n?: unknown } } };
    const isAnswered = status === 200 && answer?.params?.n === n;
    // A link that ended meanwhile may have taken the command along.
    if (isUp())
      observations.commands.push({
        url,
        linkAt: session.url,
        status,
        code,
        isAnswered,
        isLater: answered > 0,
        open,
        ms,
      });
    if (isAnswered) answered++;
    await pause(COMMAND_INTERVAL, over);
  }
  return answered;
}

async function open(
  { openLink, observations }: VerifyContext,
  registered: Registered,
  url: string,
): Promise<LinkSession | undefined> {
  const { session, status, code } = await openLink(url, registered);
  observations.openings.push({ id: registered.id, url, status, code });
  return session;
}

/** The one link of a compositor, at whatever URL it writes. */
class Links {
  readonly #context: VerifyContext;
  readonly #registered: Registered;
  #session: LinkSession | undefined;

  constructor(context: VerifyContext, registered: Registered) {
    this.#context = context;
    this.#registered = registered;
  }

  /** The link, opened at `url` if it is not there. */
  async at(url: string): Promise<LinkSession | undefined> {
    const before = this.#session;
    if (before?.url === url && before.isOpen) return before;
    const session = await open(this.#context, this.#registered, url);
    if (!session) return undefined;
    this.#session = session;
    if (before?.isOpen) await this.#recordReplacement(before, url);
    return session;
  }

  async write(url: string, tiles: object, what: string): Promise<HttpReply> {
    const session = await this.at(url);
    const reply = session ? await session.request({ type: 'tiles', tiles }) : notOpen();
    const { status, code, sentAt, ms } = reply;
    // Without an answer the link may be half open, which only a new one finds out.
    if (session && isUnavailable(reply)) session.close();
    if (session) this.#context.observations.replies.push({ url, what, status, code, sentAt, ms });
    return reply;
  }

  close(): void {
    this.#session?.close();
  }

  /** The older link must end, wherever it is. */
  async #recordReplacement(before: LinkSession, to: string): Promise<void> {
    const { observations, stop } = this.#context;
    const late = () => new Error('it stayed open');
    const ended = withTimeout(new SystemClock(), REPLACED_LIMIT, before.ended, late);
    const code = await ended.catch(() => undefined);
    if (code === undefined) before.close();
    if (!stop.aborted)
      observations.replacements.push({ id: this.#registered.id, from: before.url, to, code });
  }
}

function notOpen(): HttpReply {
  const [sentAt, ms] = [performance.now(), 0];
  return {
    status: 0,
    headers: new Headers(),
    body: undefined,
    code: undefined,
    sentAt,
    ms,
    error: 'no link',
  };
}
