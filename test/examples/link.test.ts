import t from 'tap';
import { commandScenario } from './command-scenario.ts';
import { compositorScenario } from './compositor-scenario.ts';
import { example, type Run } from './example.ts';

// Node 20 has a WebSocket only when it is asked for one.
const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket', '--no-warnings'];
const EXAMPLES: [name: string, run: Run][] = [
  ['link.py', ['python3', '-B', '-W', 'error', example('link.py')]],
  ['link.mjs', [process.execPath, ...flags, example('link.mjs')]],
];

for (const [name, run] of EXAMPLES) {
  t.test(name, (t) => compositorScenario(t, run, 'connected'));
  t.test(`${name}: commands`, (t) => commandScenario(t, run));
}
