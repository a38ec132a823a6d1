import type { Commit } from '../../src/domain/commit.ts';
import { GENESIS, type Cursor } from '../../src/domain/cursor.ts';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import { emptyManifest, patchSize, type Manifest } from '../../src/domain/patch.ts';
import { applied, difference, endOf, inverse } from '../support/algebra.ts';
import type { Report } from './report.ts';

interface Known {
  readonly commit: Commit | undefined;
  readonly state: Manifest;
  readonly digest: string;
  /** In two runs of one seed the nonces differ, and the names are the same. */
  readonly name: string;
}

/** The state to expect at every cursor that any server ever gave out, computed by plain means. */
export class ExpectedStates {
  readonly #report: Report;
  readonly #known = new Map<Cursor, Known>([
    [GENESIS, { commit: undefined, state: emptyManifest(), digest: '0-00000000', name: '0' }],
  ]);

  constructor(report: Report) {
    this.#report = report;
  }

  /** Records `commit`, made on a server at its `prev`; returns the state after it. */
  record(made: Commit): Manifest {
    const before = this.#known.get(made.prev)!;
    const commit = made.withdraws === undefined ? made : complete(made, made.withdraws, before.state);
    const state = applied(before.state, commit.patch);
    const known = this.#known.get(commit.cursor);
    if (known) {
      if (known.commit?.prev !== commit.prev || !same(known.state, state))
        this.#report.violation('CURSOR-AMBIGUOUS', `${known.name} names two states`);
      return known.state;
    }
    const name = `${commit.cursor.split('-')[0]!}${letters(this.#known.size)}`;
    const digest = formatDigest(digestOf(state.tiles));
    if (digest !== commit.digest)
      this.#report.violation('DIGEST-WRONG', `${name} says ${commit.digest}, is ${digest}`);
    if (!same(applied(state, commit.undo), before.state)) this.#report.violation('UNDO-WRONG', `of ${name}`);
    this.#known.set(commit.cursor, { commit, state, digest, name });
    return state;
  }

  /** The manifest at `cursor`; nobody may change it. */
  state(cursor: Cursor): Manifest | undefined {
    return this.#known.get(cursor)?.state;
  }

  commit(cursor: Cursor): Commit | undefined {
    return this.#known.get(cursor)?.commit;
  }

  name(cursor: Cursor | undefined): string {
    return cursor === undefined ? 'none' : (this.#known.get(cursor)?.name ?? '?');
  }

  *commits(): Generator<Commit, void, undefined> {
    for (const { commit } of this.#known.values()) if (commit) yield commit;
  }

  /** `cursor` and everything before it. */
  chain(cursor: Cursor): Set<Cursor> {
    const chain = new Set<Cursor>([GENESIS]);
    for (let at = this.commit(cursor); at; at = this.commit(at.prev)) chain.add(at.cursor);
    return chain;
  }

  /** Whether `cursor` is `later` or lies before it. */
  isBefore(cursor: Cursor, later: Cursor): boolean {
    return this.chain(later).has(cursor);
  }
}

/** The commit with all tiles that it withdraws from `before`. */
function complete(commit: Commit, id: string, before: Manifest): Commit {
  const patch = { ...endOf(before, id), compositors: commit.patch.compositors };
  return { ...commit, patch, undo: inverse(before, patch) };
}

export function same(a: Manifest, b: Manifest): boolean {
  if (a.tiles.size !== b.tiles.size || a.compositors.size !== b.compositors.size) return false;
  return patchSize(difference(a, b)) === 0;
}

function letters(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26);
}
