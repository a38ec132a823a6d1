// A terminal in the clone, beside a daemon: what a page says is pasted into it, word for word.
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { Program, type Owner } from '../support/program.ts';
import { ROOT } from './pages.ts';

/**
 * `npm start --` and `compositord` run the built daemon; the commands and examples that ask http://127.0.0.1:8760 by themselves are told
 * where the daemon of the test is. A refusal is an error, and a stream is followed for a second.
 */
const AS_IN_THE_CLONE = `
set -e
compositord() {
  case "$1" in console|export|import|watch|replay) set -- "$@" --url "$URL" ;; esac
  "$NODE" "$MAIN" "$@"
}
npm() { test "$1 $2" = 'start --' && shift 2 && compositord "$@"; }
python3() { command python3 "$@" --url "$URL"; }
light() { command ./light "$@" --url "$URL"; }
curl() {
  case "$1" in
    -N) timeout 1 curl -sS "$@" || test $? = 124 ;;
    *) command curl -sS --fail-with-body "$@" ;;
  esac
}
`;

export class Terminal {
  readonly #owner: Owner;
  readonly daemon: Daemon;
  readonly folder: string;
  readonly #others: Readonly<Record<string, string>>;
  /** What was exported: each paste has a shell of its own. */
  #exports = '';

  private constructor(owner: Owner, daemon: Daemon, others: Readonly<Record<string, string>>) {
    this.#owner = owner;
    this.daemon = daemon;
    this.folder = daemon.dir;
    this.#others = others;
  }

  /** `others`: what stands on the page, and what is meant here. */
  static async open(
    owner: Owner,
    {
      env = {},
      others = {},
    }: { env?: Record<string, string>; others?: Readonly<Record<string, string>> } = {},
  ): Promise<Terminal> {
    const dir = await temporaryFolder(owner);
    const daemon = await startDaemon(owner, { dir, store: `file:${join(dir, 'data')}`, env });
    await symlink(join(ROOT, 'examples'), join(dir, 'examples'));
    return new Terminal(owner, daemon, others);
  }

  /** What the commands print. Rejects when one fails. */
  async paste(text: string): Promise<string> {
    const here = await this.#here(text);
    const env = { NODE: process.execPath, MAIN, URL: this.daemon.url };
    const script = AS_IN_THE_CLONE + this.#exports + here;
    const program = new Program(this.#owner, 'sh', ['-c', script], { cwd: this.folder, env });
    const { code } = await program.exited;
    if (code !== 0) throw new Error(`${text}\nended with ${code}:\n${program.stdout}${program.stderr}`);
    this.#exports += here.match(/^export .*\n/gm)?.join('') ?? '';
    return program.stdout;
  }

  /** With the addresses of this terminal, and the cursors of its daemon in place of those that the page shows. */
  async #here(text: string): Promise<string> {
    let here = text
      .replaceAll('./light', 'light')
      .replaceAll('127.0.0.1:8760', new URL(this.daemon.url).host);
    for (const [there, meant] of Object.entries(this.#others)) here = here.replaceAll(there, meant);
    const cursors = [...here.matchAll(/\b(\d+)-[0-9a-f]{8}\b/g)];
    if (cursors.length === 0) return here;
    const reply = await fetch(`${this.daemon.url}/manifest/history`);
    const { items } = (await reply.json()) as { items: { revision: number; cursor: string }[] };
    for (const [shown, revision] of cursors)
      here = here.replaceAll(
        shown,
        items.find((each) => each.revision === Number(revision))?.cursor ?? shown,
      );
    return here;
  }
}
