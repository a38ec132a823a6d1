import { DomainError } from '../../src/domain/errors.ts';
import type { Cursor } from '../../src/domain/cursor.ts';
import type { ManifestAt } from '../../src/domain/manifest-at.ts';
import { apply } from '../../src/domain/patch.ts';
import { WHOLE } from '../../src/domain/view.ts';
import { selected } from '../support/algebra.ts';
import type { Daemon } from './daemon.ts';
import { same } from './expected-states.ts';
import type { World } from './world.ts';

/** Asks a daemon for the manifest at a cursor that some reader holds, at least there, or for the changes since. */
export function questions(world: World, daemon: Daemon): void {
  const { random, readers, report } = world;
  const { cursor } = random.pick(readers).copy;
  if (cursor === undefined) return;
  const ask = random.pick([askAt, askAtLeast, askChanges]);
  ask(world, daemon, cursor).catch((error: unknown) => {
    if (error instanceof DomainError && ['cursor-gone', 'store-unavailable', 'not-yet'].includes(error.kind))
      return;
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

async function askChanges(world: World, daemon: Daemon, since: Cursor): Promise<void> {
  const { expected, report, random, readers } = world;
  const { view } = random.pick(readers).copy;
  const { cursor, patch } = await daemon.queries.changes({ since, view, wait: random.pick([0, 300]) });
  const before = expected.state(since);
  const after = expected.state(cursor);
  if (before && after && same(apply(selected(before, view), patch), selected(after, view))) return;
  report.violation(
    'CHANGES-WRONG',
    `from ${expected.name(since)} to ${expected.name(cursor)} at ${daemon.name}`,
  );
}

function check(world: World, manifest: ManifestAt, cursor: Cursor, what: string): void {
  const truth = world.expected.state(cursor);
  const answer = { compositors: new Map(manifest.compositors(WHOLE)), tiles: new Map(manifest.tiles(WHOLE)) };
  if (!truth || manifest.cursor !== cursor || !same(truth, answer))
    world.report.violation('MANIFEST-WRONG', `${what} ${world.expected.name(cursor)}`);
}
