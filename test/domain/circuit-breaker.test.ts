import t from 'tap';
import { CircuitBreaker } from '../../src/domain/circuit-breaker.ts';

const POLICY = { failures: 3, pause: 1000, longest: 3000 };

t.test('it opens after so many failures in a row, and any success starts the count anew', async (t) => {
  const breaker = new CircuitBreaker(POLICY);
  for (let round = 0; round < 3; round++) {
    breaker.failed(0);
    breaker.failed(0);
    t.equal(breaker.state(0), 'closed');
    t.equal(breaker.wait(0), 0);
    breaker.passed();
  }
  for (let i = 0; i < 3; i++) breaker.failed(100);
  t.equal(breaker.state(100), 'open');
  t.equal(breaker.wait(100), 1000);
  t.equal(breaker.wait(1099), 1);
});

t.test('half-open after the pause: a success closes it, a failure opens it for twice as long', async (t) => {
  const breaker = new CircuitBreaker(POLICY);
  for (let i = 0; i < 3; i++) breaker.failed(0);
  t.equal(breaker.state(1000), 'half-open');
  t.equal(breaker.wait(1000), 0);
  breaker.failed(1000);
  t.equal(breaker.wait(1000), 2000);
  t.equal(breaker.state(3000), 'half-open');
  breaker.failed(3000);
  t.equal(breaker.wait(3000), 3000, 'not longer than the longest');
  breaker.passed();
  t.equal(breaker.state(3000), 'closed');
  for (let i = 0; i < 3; i++) breaker.failed(3000);
  t.equal(breaker.wait(3000), 1000, 'as long as at first');
});
