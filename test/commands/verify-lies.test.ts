import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { startLyingProxy } from './lying-proxy.ts';
import { REPLY_LIES } from './reply-lies.ts';
import { findEach } from './find-lies.ts';
import { LINK_LIES } from './link-lies.ts';
import { REGION_LIES } from './region-lies.ts';
import { runVerify } from './verify-run.ts';

t.test('every lie of requests and replies is caught and named', (t) => findEach(t, REPLY_LIES));

t.test('every lie about regions and links is caught and named', (t) =>
  findEach(t, [...REGION_LIES, ...LINK_LIES]),
);

t.test('a proxy that only passes everything on breaks nothing', async (t) => {
  const daemon = await startDaemon(t);
  const url = await startLyingProxy(t, daemon.url, {});
  const { code, named } = await runVerify([url], 3);
  t.same(named('broken'), []);
  t.ok(named('kept').includes('compressed'), 'it passes compressed streams on, too');
  t.ok(named('kept').includes('links'), 'and links');
  t.equal(code, 0);
});
