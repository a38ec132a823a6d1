import t from 'tap';
import { heapOfWorker, workerCount } from '../../../src/commands/workers/worker-count.ts';

const MIB = 2 ** 20;

t.test('auto is one worker a core, each with 512 MiB of memory; a number is that number', async (t) => {
  t.equal(workerCount('auto', 8, 16_384 * MIB), 8);
  t.equal(workerCount('auto', 8, 2048 * MIB), 4);
  t.equal(workerCount('auto', 2, 1024 * MIB), 2, 'from 1 GiB on there are several');
  t.equal(workerCount('auto', 8, 512 * MIB), 1, 'the container of the Compose file');
  t.equal(workerCount('auto', 8, 100 * MIB), 1);
  t.equal(workerCount('auto', 1, 16_384 * MIB), 1);
  t.equal(workerCount(3, 1, 100 * MIB), 3);
  t.ok(workerCount('auto') >= 1, 'on this machine');
});

t.test(
  'all heaps together are at most half of the memory, and none is more than V8 would take',
  async (t) => {
    t.equal(heapOfWorker(2, 1024 * MIB, 4144 * MIB), 256);
    t.equal(heapOfWorker(4, 512 * MIB, 4144 * MIB), 64);
    t.equal(heapOfWorker(2, 65_536 * MIB, 4144 * MIB), undefined);
  },
);
