import { isSuccess } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';

/** Reads a row again with the ETag of the last read: when it is unchanged, when it has changed, and in the past. */
export async function probeConditional(context: VerifyContext, row: number): Promise<void> {
  const { urls, send, compositors, region, observations, over: signal } = context;
  const registered = await compositors.register({ id: compositors.id('tagged'), signal });
  if (!registered) return;
  const view = `/manifest?view=${region.row(row)}`;
  for (const [i, url] of urls.entries()) {
    const tagOf = async (path: string) => (await send(url, path)).headers.get('etag');
    const readAgain = async (what: string, sent: string, changed: boolean, immutable: boolean) => {
      const { status, headers } = await send(url, what, { headers: { 'if-none-match': sent } });
      const etag = headers.get('etag');
      observations.conditionals.push({ url, what, changed, immutable, sent, status, etag });
    };
    const etag = await tagOf(view);
    if (etag === null) continue;
    await readAgain(view, etag, false, false);
    const body = { [region.key(row, 0)]: { brick: `tagged.${i + 1}.png` } };
    const written = await compositors.writeTiles(url, registered, body);
    if (!isSuccess(written)) continue;
    const { cursor } = written.body as { cursor: string };
    await readAgain(`${view}&atLeast=${cursor}`, etag, true, false);
    const past = `${view}&at=${cursor}`;
    const pastTag = await tagOf(past);
    if (pastTag !== null) await readAgain(past, pastTag, false, true);
  }
}
