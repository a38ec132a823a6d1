import { LongWork } from '../../src/concurrency/long-work.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { Feed } from '../../src/services/feed/feed.ts';
import { LeaseExpirer } from '../../src/services/compositors/lease-expirer.ts';
import { StreamViews } from '../../src/services/feed/stream-views.ts';
import { LongPolls } from '../../src/services/manifest/long-polls.ts';
import { ManifestQueries } from '../../src/services/manifest/manifest-queries.ts';
import { OverviewDocuments } from '../../src/services/manifest/overview-document.ts';
import { Publisher } from '../../src/services/compositors/publisher.ts';
import { Regions } from '../../src/services/compositors/regions.ts';
import { Registry } from '../../src/services/compositors/registry.ts';
import { Replica } from '../../src/services/manifest/replica.ts';
import { Process } from './agenda.ts';
import type { Connection } from './connection.ts';
import { SimClock } from './sim-clock.ts';
import type { SimServer } from './sim-server.ts';
import { SimPeerBus } from './sim-peer-bus.ts';
import { SimStore } from './sim-store.ts';
import { same } from './expected-states.ts';
import type { World } from './world.ts';

/** One life of one daemon, made of the real services. */
export class Daemon {
  readonly name: string;
  readonly process = new Process();
  readonly store: SimStore;
  readonly replica: Replica;
  readonly feed: Feed;
  readonly streamViews: StreamViews;
  readonly overviews: OverviewDocuments;
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly regions: Regions;
  readonly queries: ManifestQueries;
  readonly connections = new Set<Connection>();
  /** Takes requests. */
  listening = false;
  readonly #world: World;
  readonly #leases: LeaseExpirer;
  readonly #polls: LongPolls;

  constructor(world: World, name: string, server: SimServer) {
    const { agenda, random, profile, report } = world;
    this.#world = world;
    this.name = name;
    this.store = new SimStore(world, this.process, server);
    const clock = new SimClock({ agenda, random, process: this.process, skew: random.between(-200, 200) });
    const log = {
      info: () => undefined,
      warn: (_: object, message: string) => report.trace(() => `${name}: ${message}`),
      error: (fields: object, message: string) =>
        report.violation('LOGGED', `${name}: ${message} ${wording(fields)}`),
    };
    const { store } = this;
    const history = { ...profile.history, bytes: 1_000_000 };
    const work = new LongWork(clock);
    const { refill, areasKept } = profile;
    this.replica = new Replica({ store, clock, name, history, refill, log, work, areasKept });
    const { replica } = this;
    const settings = {
      heartbeat: profile.heartbeat,
      maxAge: profile.maxAge,
      retry: 0.1,
      buffer: profile.buffer,
      maxReaders: 100,
    };
    const peerBus = new SimPeerBus(world, this.process, `${name}-${world.peers.size}`);
    this.feed = new Feed({
      replica,
      clock,
      settings,
      log,
      self: peerBus.self,
      random: () => random.next(),
      limits: profile.limits,
    });
    this.streamViews = new StreamViews({ feed: this.feed, peerBus, clock });
    const policy = { retention: 1, guard: 2 };
    const { namedAtMost } = profile;
    this.#leases = new LeaseExpirer({ replica, store, clock, policy, log, namedAtMost });
    this.registry = new Registry({
      replica,
      leases: this.#leases,
      clock,
      ttl: profile.ttl,
      daemon: name,
      quotas: {},
      namedAtMost,
    });
    this.publisher = new Publisher({ replica, quotas: {} });
    this.regions = new Regions({ replica, leases: this.#leases, clock, quotas: {} });
    this.#polls = new LongPolls({ copy: replica.copy, clock });
    this.queries = new ManifestQueries({ replica, polls: this.#polls, clock, work });
    const { copy, overview } = replica;
    this.overviews = new OverviewDocuments({ copy, overview, work, now: () => this.queries.now() });
    copy.subscribe({
      committed: (commit) => this.#committed(commit),
      reloaded: () => this.#check('reload'),
    });
  }

  async start(): Promise<void> {
    await this.replica.start();
    this.#check('boot');
    this.#leases.start();
    this.feed.start();
    this.streamViews.start();
    this.#polls.start();
    this.listening = true;
    this.#world.report.trace(
      () => `${this.name} listens at ${this.#world.expected.name(this.replica.copy.head)}`,
    );
  }

  /** Dies at once, and its sockets with it. */
  kill(): void {
    this.process.dead = true;
    this.listening = false;
    this.store.drop();
    for (const connection of [...this.connections]) connection.cut();
  }

  #committed(commit: Commit): void {
    this.#check(commit.origin === this.name ? 'own commit' : 'tail');
  }

  #check(why: string): void {
    const { expected, report, profile } = this.#world;
    const { head, manifest, history } = this.replica.copy;
    const truth = expected.state(head);
    if (!truth || !same(truth, manifest.copy()))
      report.violation('MANIFEST-WRONG', `${this.name} at ${expected.name(head)} (${why})`);
    const { commits, seconds } = profile.history;
    // Others' clocks may be ahead, so that their commits look young for longer.
    if (why !== 'boot' && why !== 'reload' && seconds === 0 && history.length > commits + 40)
      report.violation('HISTORY-GROWS', `${this.name} holds ${history.length} commits`);
  }
}

function wording(fields: object): string {
  return Object.values(fields)
    .map((value: unknown) =>
      value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value),
    )
    .join(' ');
}
