import { Fate } from './fate.ts';
import type { Daemon } from './daemon.ts';
import { questions } from './questions.ts';
import { World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  /** What was broken; empty when all went well. */
  readonly broken: readonly string[];
  readonly trace: readonly string[];
}

/** Milliseconds of peace within which all must be one again. */
const PEACE = 9000;

/** One run: the same for the same seed, to the last microtask. */
export async function run(seed: number, options: { trace?: boolean } = {}): Promise<Outcome> {
  const world = new World(seed, options.trace ?? false);
  const { agenda, judge } = world;
  drive(world, new Fate(world));
  while (judge.broken.length === 0 && agenda.steps < world.profile.steps && agenda.step()) await turn();
  if (judge.broken.length === 0) await makePeace(world);
  if (judge.broken.length === 0) world.writes.settle(world.master.head);
  for (const daemon of world.daemons) daemon.process.dead = true;
  return { seed, steps: agenda.steps, broken: judge.broken, trace: judge.lines };
}

/** Every promise that can go on has gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Clients and fate, each in its time. */
function drive(world: World, fate: Fate): void {
  const { agenda, random, profile, daemons, compositors, readers } = world;
  const open = (daemon: Daemon) => daemon.listening && !daemon.process.frozen;
  const act = () => {
    if (world.peace) return;
    const daemon = random.pick(daemons);
    const dice = random.next();
    if (dice < 0.06 && profile.faults.length > 0) fate.strike(random.pick(profile.faults));
    else if (dice < 0.13) random.pick(readers).cut();
    else if (dice < 0.2 && open(daemon)) questions(world, daemon);
    else if (open(daemon) && world.writes.waiting < 12) random.pick(compositors).act(daemon);
    agenda.after(random.spread(profile.pace), undefined, act);
  };
  agenda.after(0, undefined, act);
}

async function makePeace(world: World): Promise<void> {
  const { agenda, judge, daemons } = world;
  judge.tell(() => 'peace');
  world.peace = true;
  new Fate(world).mend();
  for (const daemon of daemons) if (daemon.process.dead) world.replace(daemon);
  const end = agenda.now + PEACE;
  let amiss: [string, string][];
  do {
    const next = agenda.now + 250;
    while (judge.broken.length === 0 && agenda.step(next)) await turn();
    if (judge.broken.length > 0) return;
    amiss = whatIsAmiss(world);
  } while (amiss.length > 0 && agenda.now < end);
  for (const [kind, what] of amiss) judge.bad(kind, what);
}

function whatIsAmiss(world: World): [string, string][] {
  const { daemons, readers, master, oracle, profile, writes } = world;
  const amiss: [string, string][] = [];
  for (const { name, replica } of daemons)
    if (!replica.loaded || replica.head !== master.head)
      amiss.push([
        'NO-CONVERGE',
        `${name} is at ${oracle.name(replica.head)}, not ${oracle.name(master.head)}`,
      ]);
  for (const reader of readers)
    if (!reader.connected || !reader.copy.exact || !reader.agrees(master.head))
      amiss.push([
        'READER-STUCK',
        `${reader.name} is at ${oracle.name(reader.copy.cursor)}${reader.copy.exact ? '' : ', inexact'}`,
      ]);
  if (writes.waiting > 0) amiss.push(['WRITE-STUCK', `${writes.waiting} wait`]);
  // Nobody renews any more, so every lease must have been ended.
  if (profile.ttl <= 2)
    for (const [id, entry] of master.state.compositors)
      if (entry.staleAt === undefined) amiss.push(['LEASE-LATE', id]);
  return amiss;
}
