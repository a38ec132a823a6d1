import type { Test } from 'tap';
import { runVerify, type Run } from '../commands/verify-run.ts';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { Fleet, type FleetOptions } from './fleet.ts';

/** How long verify runs, in seconds: its leases of 2 s must have the time to run out. */
export const SECONDS = 6;

/** Nothing is broken but, perhaps, `late`: promises about time that this fault must delay. */
export function kept(t: Test, { report, named }: Run, late: readonly string[] = []): void {
  const broken = report.promises.filter(({ name, result }) => result === 'broken' && !late.includes(name));
  t.strictSame(broken, []);
  t.ok(named('kept').length > 10, `kept: ${named('kept').join(', ')}`);
  t.strictSame(report.left, [], 'nothing is left behind');
}

/** Runs verify on a fleet, and does `fault` once its writes are under way. */
export async function through(
  t: Test,
  options: FleetOptions,
  fault: (fleet: Fleet) => Promise<void>,
): Promise<Run> {
  const fleet = await Fleet.start(t, options);
  await fleet.ready();
  const running = runVerify(fleet.urls, SECONDS);
  await eventually(async () => (await revision(fleet.urls[0]!)) >= 40, 'its writes are under way');
  await fault(fleet);
  return running;
}

async function revision(url: string): Promise<number> {
  const { body } = await send('GET', `${url}/health`);
  return Number(String(body.cursor).split('-')[0]);
}
