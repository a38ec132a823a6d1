import { isDeepStrictEqual } from 'node:util';
import { areasOf } from '../../src/domain/area.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import type { Compositor } from '../../src/domain/compositor.ts';
import type { Manifest } from '../../src/domain/patch.ts';
import { viewText, type View } from '../../src/domain/view.ts';
import type { SseEvent } from '../../src/conformance/sse-parser.ts';
import { CheckedCopy } from '../../src/conformance/checked-copy.ts';
import { Aim } from './aim.ts';
import { Connection } from './connection.ts';
import type { Daemon } from './daemon.ts';
import { same } from './expected-states.ts';
import type { World } from './world.ts';
import { selected } from '../support/algebra.ts';

/** A client that connects to any daemon; what it holds is compared with the expected state. */
export class SimReader {
  readonly name: string;
  /** What its URL asks for. */
  readonly #home: View;
  readonly copy: CheckedCopy;
  readonly #world: World;
  connection: Connection | undefined;
  readonly #aim: Aim;
  #daemon: Daemon | undefined;
  #asked: { cursor: Cursor; losses: number; alive: boolean } | undefined;

  constructor(world: World, name: string, view: View) {
    this.#world = world;
    this.name = name;
    this.#home = view;
    this.copy = new CheckedCopy(view);
    this.#aim = new Aim(world.report);
    this.#later();
  }

  get connected(): boolean {
    return this.connection !== undefined;
  }

  cut(): void {
    this.#world.report.trace(() => `${this.name} is cut off`);
    this.connection?.cut();
  }

  /** Asks for another view of its stream, at whatever daemon. */
  reAim(): void {
    const { random, daemons, report } = this.#world;
    const { connection } = this;
    const { stream } = this.copy;
    const daemon = random.chance(0.5) ? this.#daemon : random.pick(daemons);
    if (!connection || stream === undefined || !daemon?.listening || daemon.process.frozen) return;
    const view = this.#world.drawView();
    report.trace(() => `${this.name} aims at ${viewText(view) || 'everything'} by ${daemon.name}`);
    void this.#aim.at(view, connection, (change) => daemon.streamViews.change(stream, '', change));
  }

  /** Its stream shows the last view that a daemon promised. */
  get isOnAim(): boolean {
    return this.#aim.isReached(this.connection, this.copy.view);
  }

  /** What it holds is what its view shows of the manifest at `cursor`. */
  agrees(cursor: Cursor): boolean {
    const truth = this.#world.expected.state(cursor);
    if (!truth) return false;
    const { view } = this.copy;
    const shown = selected(truth, view);
    if (view.zoom === undefined) return same(shown, this.#held);
    const areas = areasOf(shown.tiles, view.zoom);
    return isDeepStrictEqual(areas, this.copy.areas) && same({ ...shown, tiles: new Map() }, this.#held);
  }

  lost(connection: Connection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.#later();
  }

  take(event: SseEvent): void {
    const { expected, report } = this.#world;
    this.copy.take(event);
    report.trace(
      () =>
        `${this.name} <- ${event.event} ${event.event === 'bye' || event.event === 'snapshot' ? event.data.slice(0, 28) : ''} ${expected.name(this.copy.cursor)}${event.id?.includes('~') ? '~' : ''}${event.id ? '' : ' (no id)'} from ${this.#daemon?.name ?? 'nobody'}`,
    );
    for (const violation of this.copy.violations.splice(0))
      report.violation('READER-PROTOCOL', `${this.name}: ${violation}`);
    if (event.event === 'snapshot') this.#checkBack();
    const { cursor } = this.copy;
    if (!this.copy.exact || event.id === undefined || cursor === undefined) return;
    if (!this.agrees(cursor))
      report.violation('READER-WRONG', `${this.name} at ${expected.name(cursor)} (${event.event})`);
  }

  get #held(): Manifest {
    const { compositors, tiles, regions } = this.copy;
    return { compositors: compositors as Map<string, Compositor>, tiles, regions };
  }

  #later(): void {
    const { agenda, random, peace } = this.#world;
    agenda.after(random.spread(peace ? 20 : 60), undefined, () => this.#connect());
  }

  #connect(): void {
    const { random, daemons, report, expected, renewals, master } = this.#world;
    const daemon = random.pick(daemons);
    if (!daemon.listening || daemon.process.frozen) return this.#later();
    this.#daemon = daemon;
    const { cursor } = this.copy;
    report.trace(
      () =>
        `${this.name} connects to ${daemon.name} from ${this.copy.lastEventId ? expected.name(cursor) : 'nothing'}`,
    );
    const alive =
      cursor !== undefined && daemon.store.server === master && expected.isBefore(cursor, master.head);
    this.#asked = cursor && { cursor, losses: renewals.lossAt, alive };
    // An EventSource comes back with its old URL, our client with that of its last view.
    const view = random.chance(0.5) ? this.#home : this.copy.view;
    this.copy.open(view);
    this.connection = new Connection(this.#world, daemon, this, view);
  }

  /** On a branch that lives, and with no loss in the store meanwhile, a reader is never sent back. */
  #checkBack(): void {
    const { expected, report, renewals } = this.#world;
    const { cursor } = this.copy;
    const asked = this.#asked;
    this.#asked = undefined;
    if (!asked?.alive || asked.losses !== renewals.lossAt || cursor === undefined) return;
    if (cursor !== asked.cursor && expected.isBefore(cursor, asked.cursor))
      report.violation(
        'READER-BACK',
        `${this.name} had ${expected.name(asked.cursor)}, is sent back to ${expected.name(cursor)}`,
      );
  }
}
