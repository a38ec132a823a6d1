import t from 'tap';
import { compositorScenario } from './compositor-scenario.ts';
import { example } from './example.ts';
import { subscribeScenario } from './subscribe-scenario.ts';

// -B: no bytecode beside the examples. -W error: nothing deprecated in what people copy.
t.test('compositor.py', (t) =>
  compositorScenario(t, ['python3', '-B', '-W', 'error', example('compositor.py')]),
);
t.test('subscribe.py', (t) =>
  subscribeScenario(t, ['python3', '-B', '-W', 'error', example('subscribe.py')]),
);
