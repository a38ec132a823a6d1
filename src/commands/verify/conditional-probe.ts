import { ask, isOk } from './deployment.ts';
import type { ProbeOptions } from './lease-probe.ts';
import type { Region } from './region.ts';

/** Reads a row of the region again with the tag of the last reading: unchanged, changed, and in the past. */
export async function probeConditional(
  urls: readonly string[],
  region: Region,
  row: number,
  { crew, evidence, signal }: ProbeOptions,
): Promise<void> {
  const id = crew.id('tagged');
  const joined = await crew.join({ id, signal });
  if (!joined) return;
  const view = `/manifest?view=${region.row(row)}`;
  for (const [i, url] of urls.entries()) {
    const again = async (path: string, sent: string, flags: { changed: boolean; immutable: boolean }) => {
      const { status, headers } = await ask(url, path, { headers: { 'if-none-match': sent } });
      evidence.conditionals.push({ url, what: path, ...flags, sent, status, etag: headers.get('etag') });
    };
    const etag = (await ask(url, view)).headers.get('etag');
    if (etag === null) continue;
    await again(view, etag, { changed: false, immutable: false });
    const written = await crew.write(url, `write of ${id}`, `/compositors/${id}/tiles`, {
      method: 'PATCH',
      body: { [region.key(row, 0)]: { brick: `tagged.${i + 1}.png` } },
      headers: { 'lease-generation': joined.generation },
    });
    if (!isOk(written)) continue;
    const { cursor } = written.body as { cursor: string };
    await again(`${view}&atLeast=${cursor}`, etag, { changed: true, immutable: false });
    const past = `${view}&at=${cursor}`;
    const tag = (await ask(url, past)).headers.get('etag');
    if (tag !== null) await again(past, tag, { changed: false, immutable: true });
  }
}
