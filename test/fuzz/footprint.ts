import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Inside } from './inside-daemon.ts';

/** What a daemon holds of the machine. Undefined where only Linux can tell. */
export interface Footprint {
  /** Bytes after a garbage collection: heap and buffers. */
  readonly memory: number;
  /** Bytes that the process has in the memory of the machine. */
  readonly resident: number | undefined;
  /** What each open descriptor is: a path, or the ends of a connection. */
  readonly descriptors: readonly string[] | undefined;
}

/** Asks the part of us that is inside the daemon. It forgets the stalls that it tells; `collect`: and collects garbage, which is one. */
export async function askInside(path: string, ask: 'stalls' | 'collect'): Promise<Inside> {
  const socket = connect(path);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (text.endsWith('\n')) socket.end();
  });
  socket.write(ask);
  await once(socket, 'close');
  return JSON.parse(text) as Inside;
}

export async function footprintOf(pid: number, { heap, external }: Inside): Promise<Footprint> {
  const pages = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => undefined);
  return {
    memory: heap + external,
    resident: pages === undefined ? undefined : Number(pages.split(' ')[1]) * 4096,
    descriptors: await descriptorsOf(pid).catch(() => undefined),
  };
}

async function descriptorsOf(pid: number): Promise<string[]> {
  const connections = await connectionsOf(pid);
  const open = await readdir(`/proc/${pid}/fd`);
  // One may be closed between the list and its reading.
  const targets = await Promise.all(
    open.map((each) => readlink(`/proc/${pid}/fd/${each}`).catch(() => undefined)),
  );
  return targets
    .filter((each) => each !== undefined)
    .map((target) => connections.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '') ?? target)
    .sort();
}

/** By inode: kind, own end and other end (addresses in hexadecimal, as the kernel tells them) and state. */
async function connectionsOf(pid: number): Promise<Map<string, string>> {
  const connections = new Map<string, string>();
  for (const kind of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const table = await readFile(`/proc/${pid}/net/${kind}`, 'latin1').catch(() => '');
    for (const line of table.split('\n').slice(1)) {
      const [, own, other, state, , , , , , inode] = line.trim().split(/\s+/);
      if (inode !== undefined) connections.set(inode, `${kind} ${own} to ${other} (${state})`);
    }
  }
  return connections;
}
