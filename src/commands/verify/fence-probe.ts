import { ask, isOk } from './deployment.ts';
import type { ProbeOptions } from './lease-probe.ts';
import type { Region } from './region.ts';

/** Takes an id over from its first registration, which then tries to write, renew and leave at every URL. */
export async function probeFence(
  urls: readonly string[],
  region: Region,
  row: number,
  { crew, evidence, signal }: ProbeOptions,
): Promise<void> {
  const id = crew.id('fenced');
  const old = await crew.join({ id, instance: 'first', signal });
  const now = old && (await crew.join({ id, instance: 'second', signal }));
  if (!now) return;
  const tiles = `/compositors/${id}/tiles`;
  const mine = { [region.key(row, 0)]: { brick: 'second.png' } };
  const written = await crew.write(crew.nextUrl(), `write of ${id}`, tiles, {
    method: 'PATCH',
    body: mine,
    headers: { 'lease-generation': now.generation },
  });
  if (!isOk(written)) return;
  const { cursor } = written.body as { cursor: string };
  const zombie = {
    [region.key(row, 0)]: { brick: 'first.png' },
    [region.key(row, 1)]: { brick: 'first.png' },
  };
  const attempts = [
    ['a write', { method: 'PATCH', body: zombie }, tiles],
    ['a renewal', { method: 'PUT' }, `/compositors/${id}/lease`],
    ['a leave', { method: 'DELETE' }, `/compositors/${id}`],
  ] as const;
  for (const url of urls) {
    for (const [what, question, path] of attempts) {
      const headers = { 'lease-generation': old.generation };
      const { status, code } = await crew.write(url, `${what} of an old ${id}`, path, {
        ...question,
        headers,
      });
      const effect = await effectOn(url, `view=${region.row(row)}&atLeast=${cursor}`, mine);
      evidence.fencing.push({ what, url, status, code, effect });
    }
  }
}

/** What is in the row now that is not what the holder wrote there. */
async function effectOn(
  url: string,
  query: string,
  mine: Record<string, { brick: string }>,
): Promise<string> {
  const answer = await ask(url, `/manifest?${query}`);
  if (answer.status !== 200) return '';
  const { tiles } = answer.body as { tiles: Record<string, { brick: string }> };
  const there = Object.entries(tiles).map(([key, { brick }]) => `${key} ${brick}`);
  const right = Object.entries(mine).map(([key, { brick }]) => `${key} ${brick}`);
  return there.join() === right.join() ? '' : `the row holds ${there.join(', ') || 'nothing'}`;
}
