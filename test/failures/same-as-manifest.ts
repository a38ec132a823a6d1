import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import { send } from '../support/http-client.ts';
import type { ConformanceClient } from '../../src/conformance/conformance-client.ts';

export interface ReaderView {
  readonly view?: string;
  readonly compositors?: readonly string[];
}

/** The reader was never lied to, and holds exactly what the daemon says the manifest was at its cursor. */
export async function sameAsManifest(
  t: Test,
  reader: ConformanceClient,
  url: string,
  view: ReaderView = {},
  name = 'the reader',
): Promise<void> {
  t.strictSame(reader.copy.violations, [], `${name}: the protocol is kept`);
  const query = new URLSearchParams({ at: reader.copy.cursor ?? 'none' });
  if (view.view !== undefined) query.set('view', view.view);
  for (const id of view.compositors ?? []) query.append('compositor', id);
  const { status, body } = await send('GET', `${url}/manifest?${query.toString()}`);
  t.equal(status, 200, `${name}: its cursor is known`);
  sameEntries(t, reader.copy.tiles, body.tiles, `${name}: tiles`);
  sameEntries(t, reader.copy.compositors, body.compositors, `${name}: compositors`);
  sameEntries(t, reader.copy.regions, body.regions ?? {}, `${name}: regions`);
}

/** Compares without tap, which prints the whole of both also when they are equal; it tells how they differ. */
function sameEntries(
  t: Test,
  held: ReadonlyMap<string, unknown>,
  served: Record<string, unknown>,
  name: string,
): void {
  const entries = Object.fromEntries(held);
  if (isDeepStrictEqual(entries, served)) t.pass(name);
  else t.strictSame(sorted(entries), sorted(served), name);
}

function sorted(entries: Record<string, unknown>): [string, unknown][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
