// Nine of fourteen operations failed as they were filled in, and that of the stream never came to an end.
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { executeAll, FORGOTTEN, PARTS } from './docs-operations.ts';

t.test('operations on the manifest, tiles and regions', async (t) => {
  t.strictSame(FORGOTTEN, [], 'each operation is in one part');
  const executed = await executeAll(t, await startBrowser(t), PARTS.manifest);
  const { text } = executed.get('streamManifest')!;
  t.match(text, /event: snapshot[^]*wall\.rts\.png[^]*event: synced/, 'the beginning of the stream');
  t.match(text, /The stream goes on/);
});
