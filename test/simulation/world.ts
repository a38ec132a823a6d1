import type { Commit } from '../../src/domain/commit.ts';
import { overviewOf, type View } from '../../src/domain/view.ts';
import { Agenda } from './agenda.ts';
import { Daemon } from './daemon.ts';
import { Heads } from './heads.ts';
import { Report } from './report.ts';
import { Renewals } from './renewals.ts';
import { ExpectedStates } from './expected-states.ts';
import { drawProfile, type Profile } from './profile.ts';
import { Random } from './random.ts';
import { RECTS, SimCompositor } from './sim-compositor.ts';
import type { SimPeerBus } from './sim-peer-bus.ts';
import { SimReader } from './sim-reader.ts';
import { SimServer } from './sim-server.ts';
import { Writes } from './writes.ts';

const IDS = ['a', 'b', 'c'];

/** All that there is in one run. Everything in it is drawn from one seed. */
export class World {
  readonly random: Random;
  readonly profile: Profile;
  readonly agenda: Agenda;
  readonly report: Report;
  readonly expected: ExpectedStates;
  readonly heads: Heads;
  readonly renewals: Renewals;
  readonly writes: Writes;
  /** By its name on the peer bus, which each life of a daemon has of its own. */
  readonly peers = new Map<string, SimPeerBus>();
  readonly daemons: Daemon[];
  readonly compositors: SimCompositor[];
  readonly readers: SimReader[];
  master: SimServer;
  /** Nothing goes wrong any more. */
  peace = false;
  #bricks = 0;
  #favourite: View | undefined;

  constructor(seed: number, tracing: boolean) {
    this.random = new Random(seed);
    this.profile = drawProfile(this.random);
    this.agenda = new Agenda(this.random);
    this.report = new Report({ time: () => this.agenda.now, tracing });
    this.report.trace(() => JSON.stringify(this.profile));
    this.expected = new ExpectedStates(this.report);
    this.heads = new Heads(this.agenda);
    this.renewals = new Renewals(this.agenda, this.report);
    this.writes = new Writes(this);
    this.master = new SimServer(this, 's1');
    this.daemons = Array.from({ length: this.profile.replicas }, (_, i) => this.#boot(`r${i + 1}`));
    this.compositors = IDS.map((id, i) => new SimCompositor(this, id, `run${i}`));
    // Two that call themselves the same.
    this.compositors.push(new SimCompositor(this, IDS[0]!, 'other'));
    this.readers = Array.from({ length: this.profile.readers }, (_, i) => this.#reader(i));
  }

  /** A name for a brick that no other write has. */
  nextBrick(): number {
    return ++this.#bricks;
  }

  /** A daemon that died comes back. */
  replace(daemon: Daemon): void {
    const index = this.daemons.indexOf(daemon);
    if (index >= 0) this.daemons[index] = this.#boot(daemon.name);
  }

  /** Often a view that another reader has, too: much is shared by those. */
  drawView(): View {
    this.#favourite ??= this.#newView();
    return this.random.chance(0.5) ? this.#favourite : this.#newView();
  }

  committed(server: SimServer, commit: Commit): void {
    if (server !== this.master) this.writes.loseCommit(commit);
  }

  #boot(name: string): Daemon {
    const daemon = new Daemon(this, name, this.master);
    daemon.start().catch((error: unknown) => {
      this.report.violation('BOOT', error instanceof Error ? (error.stack ?? '') : String(error));
    });
    return daemon;
  }

  #reader(i: number): SimReader {
    return new SimReader(this, `reader${i + 1}`, this.drawView());
  }

  #newView(): View {
    const { random } = this;
    const rect = random.chance(0.4) ? { rect: random.pick(RECTS) } : {};
    const compositors = random.chance(0.3)
      ? { compositors: new Set(IDS.filter(() => random.chance(0.5))) }
      : {};
    const zoom = random.chance(0.2) ? random.pick([1, 3, 16]) : 0;
    return overviewOf({ ...rect, ...compositors }, zoom);
  }
}
