import { availableParallelism, totalmem } from 'node:os';

/** Bytes of memory for each worker of `auto`: each holds the whole map. */
const MEMORY_OF_ONE = 512 * 2 ** 20;

/** Bytes that this process and its children may use together: those of its container, or of the machine. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  // Without a limit Node answers 0, or a number beyond all memory.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** How many processes the setting `workers` means here. */
export function workerCount(
  setting: number | 'auto',
  cores = availableParallelism(),
  memory = availableMemory(),
): number {
  if (setting !== 'auto') return setting;
  return Math.max(1, Math.min(cores, Math.floor(memory / MEMORY_OF_ONE)));
}

/**
 * MiB of heap for each of `count` workers, so that all of them together leave half of `memory` to what is no heap; undefined when V8's own
 * limit is lower than that.
 */
export function heapOfWorker(count: number, memory: number, v8Limit: number): number | undefined {
  const share = memory / 2 / count;
  return share < v8Limit ? Math.floor(share / 2 ** 20) : undefined;
}
