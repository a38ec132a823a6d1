import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endedCleanly } from './clean-end.ts';
import { DATA_FILE, dataFileDamage } from './data-file.ts';
import { damaged } from './lmdb-errors.ts';
import { SOCKET_EXTENSION, SOCKET_FOLDER } from './socket-transport.ts';

/** Milliseconds that reading a store may take, and bytes that are read in each of them at least: a damaged tree may have no end. */
const LONGEST = 20_000;
const SLOWEST = 4000;

/**
 * Throws when LMDB cannot read the store in `folder`. It maps what it finds, and a page that is not what it should be ends the whole process by
 * a signal, without a word. So a process of its own reads everything first, unless the store was closed in order, or another daemon serves it.
 */
export async function lookFirst(folder: string): Promise<void> {
  if (!existsSync(join(folder, DATA_FILE)) || endedCleanly(folder)) return;
  // Whoever opens it says what is wrong with its first pages.
  if (dataFileDamage(folder) !== undefined || (await isServed(folder))) return;
  const { signal, output } = await look(folder);
  const why = /^damaged (.*)$/m.exec(output)?.[1];
  if (why !== undefined) throw damaged(folder, why);
  // After that it only waits for its turn to write.
  if (signal === 'SIGKILL' && output.startsWith('read')) return;
  if (signal === 'SIGKILL') throw damaged(folder, `reading ${DATA_FILE} does not end`);
  if (signal !== null) throw damaged(folder, `reading ${DATA_FILE} ends in ${signal}`);
}

async function look(folder: string): Promise<{ signal: NodeJS.Signals | null; output: string }> {
  const script = fileURLToPath(new URL('./look.js', import.meta.url));
  const child = spawn(process.execPath, [script, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
    timeout: LONGEST + Math.ceil(statSync(join(folder, DATA_FILE)).size / SLOWEST),
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { signal, output };
  } catch {
    // No process may be started here. The start goes on as it would without a look.
    return { signal: null, output };
  }
}

/** Whether another process listens in the folder: it has read the store. */
async function isServed(folder: string): Promise<boolean> {
  const sockets = join(folder, SOCKET_FOLDER);
  let names: string[];
  try {
    names = readdirSync(sockets).filter((name) => name.endsWith(SOCKET_EXTENSION));
  } catch {
    return false;
  }
  const answers = await Promise.all(names.map((name) => listens(join(sockets, name))));
  return answers.includes(true);
}

async function listens(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
