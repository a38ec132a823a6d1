// Executed as they were filled in, most operations on compositors failed.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { executeAll, PARTS } from './docs-operations.ts';

t.test('operations on compositors', async (t) => {
  const executed = await executeAll(t, await startBrowser(t), PARTS.compositors);
  t.match(executed.get('runCommand')!.text, /"ok": true/);
  t.match(executed.get('forwardGet')!.text, /pass|ok|healthy/, 'the answer of the compositor itself');
});
