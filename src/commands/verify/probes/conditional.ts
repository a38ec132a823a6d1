import { isSuccess } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';

/** Reads a row again with the ETag of the last read: when it is unchanged, when it has changed, and in the past. */
export async function probeConditional(context: VerifyContext, row: number): Promise<void> {
  const { urls, send, compositors, region, observations, over: signal } = context;
  const id = compositors.id('tagged');
  const registered = await compositors.register({ id, signal });
  if (!registered) return;
  const view = `/manifest?view=${region.row(row)}`;
  for (const [i, url] of urls.entries()) {
    const tagOf = async (path: string) => (await send(url, path)).headers.get('etag');
    const readAgain = async (
      path: string,
      sent: string,
      content: { changed: boolean; immutable: boolean },
    ) => {
      const { status, headers } = await send(url, path, { headers: { 'if-none-match': sent } });
      observations.conditionals.push({
        url,
        what: path,
        ...content,
        sent,
        status,
        etag: headers.get('etag'),
      });
    };
    const etag = await tagOf(view);
    if (etag === null) continue;
    await readAgain(view, etag, { changed: false, immutable: false });
    const written = await compositors.write(url, `write of ${id}`, `/compositors/${id}/tiles`, {
      method: 'PATCH',
      body: { [region.key(row, 0)]: { brick: `tagged.${i + 1}.png` } },
      headers: { 'lease-generation': registered.generation },
    });
    if (!isSuccess(written)) continue;
    const { cursor } = written.body as { cursor: string };
    await readAgain(`${view}&atLeast=${cursor}`, etag, { changed: true, immutable: false });
    const past = `${view}&at=${cursor}`;
    const pastTag = await tagOf(past);
    if (pastTag !== null) await readAgain(past, pastTag, { changed: false, immutable: true });
  }
}
