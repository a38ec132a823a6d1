import { readFile } from 'node:fs/promises';
import { eventually } from '../failures/eventually.ts';

/** The command that runs another one as number 1 of its own processes, as the only one of a container is. */
export const AS_NUMBER_ONE = [
  'unshare',
  '--map-root-user',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

/** The id, out here, of the process that runs as number 1. `pid`: of the command above. */
export async function numberOneOf(pid: number): Promise<number> {
  let child = '';
  await eventually(async () => {
    child = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    return child.trim() !== '';
  }, `${pid} has a child`);
  return Number(child);
}

/** Resolves when a daemon has its first handlers of signals: that of SIGHUP comes last, and Node has none by itself. */
export async function handlesSignals(pid: number): Promise<void> {
  await eventually(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return (BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)/m.exec(status)![1]!}`) & 1n) === 1n;
  }, `${pid} handles SIGHUP`);
}
