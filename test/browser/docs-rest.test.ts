// Executed as they were filled in, pictures failed by a pattern that the page reads in another way than the daemon.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { executeAll, PARTS } from './docs-operations.ts';

t.test('pictures, pages and what an operator reads', async (t) => {
  const executed = await executeAll(t, await startBrowser(t), PARTS.rest);
  t.match(executed.get('getMetadata')!.text, /Silicon District/);
});
