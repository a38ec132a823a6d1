import type { FinishOptions, Intake } from '../../domain/archivable-store.ts';
import type { ArchivePart, ArchiveProgress } from '../../domain/archive.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import type { LoadedState } from '../../domain/store.ts';
import { FORMATS, type Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { STAGED, StagedKeys, type Staged } from './staged-keys.ts';

export interface StagedRestoreOptions {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  /** Of the archive. */
  readonly name: string;
  /** Loads what lies under other keys. */
  readonly load: (keys: Keys) => Promise<LoadedState>;
  /** Called with the new head. */
  readonly onFinished: (head: Cursor) => void;
}

/** Seconds for which a restore that was cut can be taken up. */
const KEPT_FOR = 3600;

const LENGTH: Readonly<Record<Staged, string>> = {
  log: 'xlen',
  tiles: 'hlen',
  compositors: 'hlen',
  regions: 'hlen',
  leases: 'zcard',
};

/** What is taken in lies under staged keys in the same Redis. */
export class StagedRestore implements Intake {
  readonly progress: ArchiveProgress | undefined;
  readonly #options: StagedRestoreOptions;
  readonly #staged: StagedKeys;
  readonly #mark: string;
  #newest: Cursor | undefined;
  /** The revision of the newest commit that an earlier intake has staged: Redis takes none twice. */
  readonly #has: number;

  static async open(options: StagedRestoreOptions): Promise<StagedRestore> {
    const { connection, keys, name } = options;
    const staged = new StagedKeys({ connection, keys, id: `restore-${name}`, keptFor: KEPT_FOR });
    const mark = markOf(staged);
    const progress = progressIn(await connection.call('get', [mark]));
    if (!progress) await connection.call('unlink', [mark, ...STAGED.map((each) => staged.names[each])]);
    const [last] = (await connection.call('xrevrange', [staged.names.log, '+', '-', 'COUNT', 1])) as [
      string,
    ][];
    return new StagedRestore(options, staged, { progress, has: Number.parseInt(last?.[0] ?? '0') });
  }

  private constructor(
    options: StagedRestoreOptions,
    staged: StagedKeys,
    before: { progress: ArchiveProgress | undefined; has: number },
  ) {
    this.#options = options;
    this.#staged = staged;
    this.#mark = markOf(staged);
    this.progress = before.progress;
    this.#has = before.has;
  }

  async add(part: ArchivePart, { lines, sum }: ArchiveProgress): Promise<void> {
    const commits = part.commits.filter(({ cursor }) => revisionOf(cursor) > this.#has);
    await this.#staged.add({ ...part, commits });
    this.#newest = part.commits.at(-1)?.cursor ?? this.#newest;
    await this.#options.connection.call('set', [
      this.#mark,
      JSON.stringify({ lines, sum } satisfies ArchiveProgress),
      'EX',
      KEPT_FOR,
    ]);
  }

  async load(): Promise<LoadedState> {
    return this.#options.load(this.#staged.names);
  }

  async finish({ replace, feature }: FinishOptions): Promise<boolean> {
    const { connection, onFinished } = this.#options;
    const sizes = await Promise.all(
      STAGED.map(async (name) => [
        name,
        Number(await connection.call(LENGTH[name], [this.#staged.names[name]])),
      ]),
    );
    const format = FORMATS[feature];
    const done = await this.#staged.moveIn(Object.fromEntries(sizes) as Record<Staged, number>, {
      format,
      replace,
    });
    if (!done) return false;
    if (this.#newest !== undefined) onFinished(this.#newest);
    await connection.call('unlink', [this.#mark]);
    return true;
  }

  async discard(): Promise<void> {
    await this.#options.connection.call('unlink', [this.#mark]);
    await this.#staged.discard();
  }

  async close(): Promise<void> {
    // The connection is the store's.
  }
}

/** The key that says how far it has come. */
function markOf({ names }: StagedKeys): string {
  return `${names.log}:progress`;
}

function progressIn(text: unknown): ArchiveProgress | undefined {
  const value = typeof text === 'string' ? parseJson(text) : undefined;
  if (!isObject(value)) return undefined;
  const { lines, sum } = value;
  return typeof lines === 'number' && typeof sum === 'string' ? { lines, sum } : undefined;
}
