/**
 * Run by tests as a process of its own: `posting-child.ts <folder>` joins the post of a folder, prints its name, answers
 * `echo` with its process id, holds `slow` for ever, and claims `child-claim`.
 */
import { writeSync } from 'node:fs';
import { openCompany } from '../../src/adapters/embedded/open-embedded.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { loud } from '../support/loud.ts';

const [path = ''] = process.argv.slice(2);
const { post, claims } = await openCompany({ path, clock: new SystemClock(), log: loud });
post.handle('echo', async (message) => ({ pid: process.pid, message }));
post.handle('slow', () => {
  post.broadcast('begun', process.pid);
  return new Promise(() => undefined);
});
post.listen('news', (message) => post.broadcast('heard', { pid: process.pid, message }));
await claims.claim(post.self, ['child-claim'], 60_000);
writeSync(1, `${post.self}\n`);
setInterval(() => undefined, 2 ** 30);
