import t from 'tap';

const script = new URL('../../scripts/job-limit.mjs', import.meta.url).href;
const { adapted } = (await import(script)) as {
  adapted: (limit: number, free: number, cores: number) => number;
};

// Three files at a time left the cores idle while all of them waited, and were too many when all of them computed.
t.test('as many files run as keep the cores busy', async (t) => {
  t.equal(adapted(2, 1, 2), 3, 'a core is free');
  t.equal(adapted(3, 0.4, 2), 3, 'half a core is what a test needs that wakes up');
  t.equal(adapted(3, 0, 2), 2, 'none is free');
  t.equal(adapted(6, 2, 2), 6, 'memory is bounded');
  t.equal(adapted(1, 0, 2), 1, 'one always runs');
});
