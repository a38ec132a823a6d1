// See replicas-trace.ts: a file each, because a busy machine takes minutes for one.
import t from 'tap';
import { playOnReplicas } from './replicas-trace.ts';

t.test('1,254 commits on two replicas, while nothing happens to Redis', { timeout: 280_000 }, (t) =>
  playOnReplicas(t, 0),
);
