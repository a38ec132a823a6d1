import { isSuccess } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import { effectOf } from './effect.ts';

/** Takes an id over from its first registration, which then tries to write, renew and leave at every URL. */
export async function probeFencing(context: VerifyContext, row: number): Promise<void> {
  const { urls, compositors, openLink, region, observations, over: signal } = context;
  const id = compositors.id('fenced');
  const old = await compositors.register({ id, instance: 'first', signal });
  const present = old && (await compositors.register({ id, instance: 'second', signal }));
  if (!present) return;
  const expected = { [region.key(row, 0)]: { brick: 'second.png' } };
  const written = await compositors.writeTiles(compositors.nextUrl(), present, expected);
  if (!isSuccess(written)) return;
  const { cursor } = written.body as { cursor: string };
  const outdated = {
    [region.key(row, 0)]: { brick: 'first.png' },
    [region.key(row, 1)]: { brick: 'first.png' },
  };
  const attempts = [
    ['a write', { method: 'PATCH', body: outdated }, `/compositors/${id}/tiles`],
    ['a renewal', { method: 'PUT' }, `/compositors/${id}/lease`],
    ['a leave', { method: 'DELETE' }, `/compositors/${id}`],
  ] as const;
  const headers = { 'lease-generation': old.generation };
  for (const url of urls) {
    for (const [what, request, path] of attempts) {
      const reply = await compositors.write(url, `${what} of an old ${id}`, path, { ...request, headers });
      const { status, code } = reply;
      const effect = await effectOf(context, url, `view=${region.row(row)}&atLeast=${cursor}`, expected);
      observations.fencing.push({ what, url, status, code, effect });
    }
    const { session, status, code } = await openLink(url, old);
    session?.close();
    // Without a problem it was a proxy that passes no WebSocket on.
    if (session || code !== undefined)
      observations.fencing.push({ what: 'a link', url, status, code, effect: '' });
  }
}
