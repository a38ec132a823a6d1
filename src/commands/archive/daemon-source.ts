import { CommandError } from '../command.ts';
import type { ClientOptions } from '../client-options.ts';
import { codeOf, pause } from '../http-client.ts';
import { printable } from '../printable.ts';
import { parseJson } from '../../domain/json.ts';

/** Milliseconds between two attempts when the daemon has another backup on its way, unless it says. */
const WAIT = 5000;

/** What a daemon sent was cut, or it was busy: a later attempt may succeed. */
export class Interrupted extends CommandError {
  override name = 'Interrupted';
}

/** An archive of what a daemon holds now. Throws an {@link Interrupted}, or another {@link CommandError} when it will never succeed. */
export async function* daemonArchive(
  { url, token }: ClientOptions,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const response = await request(`${url}/backup`, token, signal);
  if (response.status !== 200) await fail(response, url, signal);
  if (response.headers.get('content-type') !== 'application/gzip' || !response.body)
    throw new CommandError(`what answers at ${url} is no daemon that can be backed up`);
  try {
    for await (const piece of response.body) yield Buffer.from(piece as Uint8Array);
  } catch (error) {
    signal.throwIfAborted();
    throw new Interrupted(`the backup from ${url} was cut: ${reasonOf(error)}`, { cause: error });
  }
}

async function request(url: string, token: string | undefined, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      // Followed, the token would go to another server.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(`GET ${url}: ${reasonOf(error)}`, { cause: error });
  }
}

async function fail(response: Response, url: string, signal: AbortSignal): Promise<never> {
  const { status, headers } = response;
  const body = parseJson(await response.text());
  const { detail } = (body ?? {}) as { detail?: unknown };
  const answer = [status, codeOf(body), detail].filter(Boolean).join(' ');
  const message = printable(`GET ${url}/backup was answered ${answer}`);
  if (status === 404 || status === 405)
    throw new CommandError(`${message}: is the daemon older than this command?`);
  if (![429, 502, 503, 504].includes(status)) throw new CommandError(message);
  await pause(Number(headers.get('retry-after') ?? 0) * 1000 || WAIT, signal);
  throw new Interrupted(message);
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return printable(cause?.code ?? cause?.message ?? message);
}
