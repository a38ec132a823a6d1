import { parseJson } from '../domain/json.ts';
import type { ClientOptions } from './client-options.ts';
import { CommandError } from './command.ts';
import { printable } from './printable.ts';

/** The body of a GET, however long, as it comes. Throws a {@link CommandError} when the daemon does not give all of it. */
export async function* download(
  { url, token }: ClientOptions,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const what = `GET ${url}${path}`;
  try {
    const response = await fetch(url + path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      // Followed, the token would go to another server.
      redirect: 'manual',
      signal,
    });
    if (response.status !== 200 || !response.body) {
      const { detail } = (parseJson(await response.text()) ?? {}) as { detail?: string };
      throw new CommandError(
        printable([what, 'was answered', response.status, detail].filter(Boolean).join(' ')),
      );
    }
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) yield Buffer.from(piece);
  } catch (error) {
    if (error instanceof CommandError || signal.aborted) throw error;
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new CommandError(`${what}: ${cause?.code ?? cause?.message ?? message}`, { cause: error });
  }
}
