import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import type { Run } from './example.ts';

/** It is sent a command through the daemon, and does what it says. */
export async function commandScenario(t: Test, [command, ...first]: Run): Promise<void> {
  const { url } = await startDaemon(t);
  const args = [...first, '--url', url, '--id', 'wall', '--interval', '60'];
  const wall = new Program(t, command, args);
  await wall.prints(/published 1\b/);
  const order = (params: object) =>
    send('POST', `${url}/compositors/wall/commands`, { command: 'interval', params });
  await eventually(async () => (await order({ seconds: 60 })).status === 200, 'it is connected');
  t.match((await order({ seconds: 0.05 })).body, { ok: true, answer: { interval: 0.05 } });
  t.match((await order({})).body, { ok: false });
}
