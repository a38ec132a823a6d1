import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { REPLY_LIES, STREAM_LIES } from './lies.ts';
import { startLyingProxy } from './lying-proxy.ts';
import { runVerify } from './verify-run.ts';

// A judge that cannot say no is none: a proxy between verify and a sound daemon tells each kind of lie, and verify must
// name the promise that it breaks.
t.test('every lie is caught and named', async (t) => {
  const daemon = await startDaemon(t);
  const lies = [...STREAM_LIES, ...REPLY_LIES];
  // A few at a time: all of them at once would be slow enough to break promises of their own.
  const caught = async () => {
    for (let lie = lies.shift(); lie; lie = lies.shift()) {
      const url = await startLyingProxy(t, daemon.url, lie);
      let run = await runVerify([url], 3);
      // On a busy machine three seconds may have too few writes for a lie that shows itself in one of many.
      for (let more = 0; more < 2 && !run.named('broken').includes(lie.breaks); more++)
        run = await runVerify([url], 3);
      const { code, report, named } = run;
      const broken = report.promises.filter(({ result }) => result === 'broken');
      t.equal(code, 1, `a proxy that ${lie.what} breaks something`);
      t.ok(named('broken').includes(lie.breaks), `a proxy that ${lie.what} breaks ${lie.breaks}`, {
        found: broken.map(({ name, violations }) => [name, violations]),
      });
      t.same(report.left, []);
    }
  };
  await Promise.all([caught(), caught(), caught()]);
  t.same((await send('GET', `${daemon.url}/compositors`)).body.items, [], 'no compositor is left behind');
});

t.test('a proxy that only passes everything on breaks nothing', async (t) => {
  const daemon = await startDaemon(t);
  const url = await startLyingProxy(t, daemon.url, {});
  const { code, named } = await runVerify([url], 3);
  t.same(named('broken'), []);
  t.equal(code, 0);
});
