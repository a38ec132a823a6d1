import { DomainError } from '../../src/domain/errors.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import type { ManifestAt } from '../../src/domain/manifest-at.ts';
import { apply } from '../../src/domain/patch.ts';
import { WHOLE } from '../../src/domain/view.ts';
import { selected } from '../support/algebra.ts';
import type { Daemon } from './daemon.ts';
import { same } from './oracle.ts';
import type { World } from './world.ts';

/** Asks a daemon for what was, what is, and what changed, at a cursor that some reader holds. */
export function questions(world: World, daemon: Daemon): void {
  const { random, readers, judge } = world;
  const { cursor } = random.pick(readers).copy;
  if (cursor === undefined) return;
  const ask = random.pick([askAt, askAtLeast, askChanges]);
  ask(world, daemon, cursor).catch((error: unknown) => {
    if (error instanceof DomainError && ['cursor-gone', 'store-unavailable', 'not-yet'].includes(error.kind))
      return;
    judge.bad('QUESTION-THROWN', error instanceof Error ? (error.stack ?? '') : String(error));
  });
}

async function askAt(world: World, daemon: Daemon, cursor: Cursor): Promise<void> {
  check(world, await daemon.queries.at(cursor), cursor, 'at');
}

async function askAtLeast(world: World, daemon: Daemon, cursor: Cursor): Promise<void> {
  const manifest = await daemon.queries.atLeast(cursor);
  if (!world.oracle.isBefore(cursor, manifest.cursor))
    world.judge.bad(
      'AT-LEAST',
      `${world.oracle.name(manifest.cursor)} does not follow ${world.oracle.name(cursor)}`,
    );
  check(world, manifest, manifest.cursor, 'at least');
}

async function askChanges(world: World, daemon: Daemon, since: Cursor): Promise<void> {
  const { oracle, judge, random, readers } = world;
  const { view } = random.pick(readers);
  const { cursor, patch } = await daemon.queries.changes({ since, view, wait: random.pick([0, 300]) });
  const before = oracle.state(since);
  const after = oracle.state(cursor);
  if (before && after && same(apply(selected(before, view), patch), selected(after, view))) return;
  judge.bad('CHANGES-WRONG', `from ${oracle.name(since)} to ${oracle.name(cursor)} at ${daemon.name}`);
}

function check(world: World, manifest: ManifestAt, cursor: Cursor, what: string): void {
  const truth = world.oracle.state(cursor);
  const answer = { compositors: new Map(manifest.compositors(WHOLE)), tiles: new Map(manifest.tiles(WHOLE)) };
  if (!truth || manifest.cursor !== cursor || !same(truth, answer))
    world.judge.bad('MANIFEST-WRONG', `${what} ${world.oracle.name(cursor)}`);
}
