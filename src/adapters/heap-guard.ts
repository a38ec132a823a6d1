import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { MemoryGuard } from '../domain/memory-guard.ts';

/** Bytes that are held more before the heap is looked at again. */
const STEP = 4 * 2 ** 20;
/** The part of the heap that the map may take; the rest is for requests, frames and commits. */
const PART = 0.75;

const HEAP_FLAG = /--max[-_]old[-_]space[-_]size[= ]([0-9]+)/;

/** Whether these flags of Node limit the heap. */
export function hasHeapFlag(flags: readonly string[]): boolean {
  return HEAP_FLAG.test(flags.join(' '));
}

/** The most that V8 lets the old part of this process's heap grow to, in bytes: what lasts is there. */
function heapLimit(nodeOptions: string): number {
  const flags = [...process.execArgv, nodeOptions].join(' ');
  const given = HEAP_FLAG.exec(flags)?.[1];
  // What V8 says includes the part for young objects, up to 192 MiB: with a small limit it would be most of it.
  return given === undefined ? getHeapStatistics().heap_size_limit : Number(given) * 2 ** 20;
}

/** Looks at the heap of this process. */
export class HeapGuard implements MemoryGuard {
  readonly limit: number;
  #grown = 0;

  /** `nodeOptions`: the variable NODE_OPTIONS, which may set the limit. */
  constructor(nodeOptions = '') {
    this.limit = heapLimit(nodeOptions);
  }

  grow(bytes: number): void {
    this.#grown += bytes;
    if (this.#grown < STEP) return;
    this.#grown = 0;
    if (usedHeap() < PART * this.limit) return;
    // Much of it may be garbage of the loading itself, and only a collection tells.
    collectGarbage();
    const used = usedHeap();
    if (used < PART * this.limit) return;
    throw new Error(
      `The store holds more than this process can serve: ${mebibytes(used)} are loaded, and its heap is ${mebibytes(this.limit)}. ` +
        'Give it more memory (the limit of the container, or NODE_OPTIONS=--max-old-space-size), start it once where there is more and remove what is too much, or lower history.bytes.',
    );
  }
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
