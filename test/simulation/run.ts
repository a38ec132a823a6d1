import { FaultInjector } from './fault-injector.ts';
import type { Daemon } from './daemon.ts';
import { viewText } from '../../src/domain/view.ts';
import { questions } from './questions.ts';
import { World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  /** Of the promises; empty when all went well. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

/** Milliseconds without faults within which all must agree again. */
const PEACE = 9000;

/** One run: the same for the same seed, to the last microtask. */
export async function run(seed: number, options: { trace?: boolean } = {}): Promise<Outcome> {
  const world = new World(seed, options.trace ?? false);
  const { agenda, report } = world;
  drive(world, new FaultInjector(world));
  while (report.violations.length === 0 && agenda.steps < world.profile.steps && agenda.step()) await turn();
  if (report.violations.length === 0) await makePeace(world);
  if (report.violations.length === 0) world.writes.settle(world.master.head);
  for (const daemon of world.daemons) daemon.process.dead = true;
  return { seed, steps: agenda.steps, violations: report.violations, trace: report.lines };
}

/** Lets every promise that can settle do so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Clients act and faults happen, in random order. */
function drive(world: World, faults: FaultInjector): void {
  const { agenda, random, profile, daemons, compositors, readers } = world;
  const open = (daemon: Daemon) => daemon.listening && !daemon.process.frozen;
  const act = () => {
    if (world.peace) return;
    const daemon = random.pick(daemons);
    const dice = random.next();
    if (dice < 0.06 && profile.faults.length > 0) faults.inject(random.pick(profile.faults));
    else if (dice < 0.13) random.pick(readers).cut();
    else if (dice < 0.24) random.pick(readers).reAim();
    else if (dice < 0.3 && open(daemon)) questions(world, daemon);
    else if (open(daemon) && world.writes.waiting < 12) random.pick(compositors).act(daemon);
    agenda.after(random.spread(profile.interval), undefined, act);
  };
  agenda.after(0, undefined, act);
}

async function makePeace(world: World): Promise<void> {
  const { agenda, report, daemons } = world;
  report.trace(() => 'peace');
  world.peace = true;
  new FaultInjector(world).repairAll();
  for (const daemon of daemons) if (daemon.process.dead) world.replace(daemon);
  const end = agenda.now + PEACE;
  let problems: [string, string][];
  do {
    const next = agenda.now + 250;
    while (report.violations.length === 0 && agenda.step(next)) await turn();
    if (report.violations.length > 0) return;
    problems = remainingProblems(world);
  } while (problems.length > 0 && agenda.now < end);
  for (const [kind, what] of problems) report.violation(kind, what);
}

function remainingProblems(world: World): [string, string][] {
  const { daemons, readers, master, expected, profile, writes } = world;
  const problems: [string, string][] = [];
  for (const { name, replica } of daemons)
    if (!replica.copy.loaded || replica.copy.head !== master.head)
      problems.push([
        'NO-CONVERGE',
        `${name} is at ${expected.name(replica.copy.head)}, not ${expected.name(master.head)}`,
      ]);
  for (const reader of readers)
    if (!reader.connected || !reader.copy.exact || !reader.agrees(master.head))
      problems.push([
        'READER-STUCK',
        `${reader.name} is at ${expected.name(reader.copy.cursor)}${reader.copy.exact ? '' : ', inexact'}`,
      ]);
  for (const reader of readers)
    if (!reader.isOnAim) problems.push(['AIM-MISSED', `${reader.name} shows ${viewText(reader.copy.view)}`]);
  if (writes.waiting > 0) problems.push(['WRITE-STUCK', `${writes.waiting} wait`]);
  // Nobody renews any more, so every lease must have been ended.
  if (profile.ttl <= 2) {
    for (const [id, entry] of master.state.compositors)
      if (entry.staleAt === undefined) problems.push(['LEASE-LATE', id]);
    for (const { purpose } of master.state.regions.values())
      problems.push(['LEASE-LATE', `the region ${purpose}`]);
  }
  return problems;
}
