import { isDeepStrictEqual } from 'node:util';
import { areasOf } from '../../src/domain/area.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import type { ManifestAt } from '../../src/domain/manifest-at.ts';
import { apply } from '../../src/domain/patch.ts';
import { overviewOf, WHOLE } from '../../src/domain/view.ts';
import { selected } from '../support/algebra.ts';
import type { Daemon } from './daemon.ts';
import { same } from './expected-states.ts';
import type { World } from './world.ts';

const EXPECTED = ['cursor-gone', 'store-unavailable', 'not-yet', 'overloaded'];

/** Asks a daemon for the manifest at a cursor that some reader holds, at least there, for the changes since, or for an overview. */
export function questions(world: World, daemon: Daemon): void {
  const { random, readers, report } = world;
  const { cursor } = random.pick(readers).copy;
  if (cursor === undefined) return;
  const ask = random.pick([askAt, askAtLeast, askChanges, askOverview]);
  ask(world, daemon, cursor).catch((error: unknown) => {
    if (error instanceof DomainError && EXPECTED.includes(error.kind)) return;
    report.violation('QUESTION-THROWN', error instanceof Error ? (error.stack ?? '') : String(error));
  });
}

async function askAt(world: World, daemon: Daemon, cursor: Cursor): Promise<void> {
  check(world, await daemon.queries.at(cursor), cursor, 'at');
}

async function askAtLeast(world: World, daemon: Daemon, cursor: Cursor): Promise<void> {
  const manifest = await daemon.queries.atLeast(cursor);
  if (!world.expected.isBefore(cursor, manifest.cursor))
    world.report.violation(
      'AT-LEAST',
      `${world.expected.name(manifest.cursor)} does not follow ${world.expected.name(cursor)}`,
    );
  check(world, manifest, manifest.cursor, 'at least');
}

/** The client waits for its answer. Each has a signal of its own, as its connection has. */
const waiting = () => new AbortController().signal;

async function askChanges(world: World, daemon: Daemon, since: Cursor): Promise<void> {
  const { expected, report, random, readers } = world;
  const { view } = random.pick(readers).copy;
  const wait = random.pick([0, 300]);
  const { cursor, patch } = await daemon.queries.changes({ since, view, wait, signal: waiting() });
  const before = expected.state(since);
  const after = expected.state(cursor);
  if (before && after && same(apply(selected(before, view), patch), selected(after, view))) return;
  report.violation(
    'CHANGES-WRONG',
    `from ${expected.name(since)} to ${expected.name(cursor)} at ${daemon.name}`,
  );
}

async function askOverview(world: World, daemon: Daemon): Promise<void> {
  const { expected, report } = world;
  const { rect, compositors } = world.drawView();
  const zoom = world.random.pick([1, 3, 16]);
  const view = overviewOf({ ...(rect && { rect }), ...(compositors && { compositors }) }, zoom);
  const { cursor, body } = await daemon.overviews.make(view, waiting());
  const answer = JSON.parse((body as Buffer).toString()) as Record<'areas' | 'compositors', object>;
  const truth = expected.state(cursor);
  const shown = truth && selected(truth, view);
  const areas = shown && Object.fromEntries(areasOf(shown.tiles, zoom));
  const entries = shown && Object.fromEntries(shown.compositors);
  if (!isDeepStrictEqual([answer.areas, answer.compositors], [areas, entries]))
    report.violation('OVERVIEW-WRONG', `of ${daemon.name} at ${expected.name(cursor)}`);
}

function check(world: World, manifest: ManifestAt, cursor: Cursor, what: string): void {
  const truth = world.expected.state(cursor);
  const answer = {
    compositors: new Map(manifest.compositors(WHOLE)),
    tiles: new Map(manifest.tiles(WHOLE)),
    regions: new Map(manifest.regions(WHOLE)),
  };
  if (!truth || manifest.cursor !== cursor || !same(truth, answer))
    world.report.violation('MANIFEST-WRONG', `${what} ${world.expected.name(cursor)}`);
}
