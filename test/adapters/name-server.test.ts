import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fullNames, hostsOf, NameServer } from '../../src/adapters/connectors/name-server.ts';
import type { ResolveName } from '../../src/adapters/connectors/ip-address.ts';
import { Resolver } from '../../src/adapters/connectors/resolver.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { nameServer } from '../support/name-server.ts';

const FOUND = [{ address: '192.0.2.7', family: 4 }];

t.test('the hosts file first, then name servers with the search domains', async (t) => {
  const asked: string[] = [];
  const { servers } = await nameServer(t, (name) => {
    asked.push(name);
    return name === 'wall.studio.example' || name === 'a.b.example' ? '192.0.2.7' : undefined;
  });
  const folder = t.testdir({
    hosts: '127.0.0.9 desk # wall\n',
    resolv: 'search other.example studio.example\n',
  });
  const hostsFile = join(folder, 'hosts');
  const names = new NameServer({ servers, hostsFile, resolvFile: join(folder, 'resolv') });
  t.strictSame(await names.resolve('desk'), [{ address: '127.0.0.9', family: 4 }]);
  t.strictSame(asked, []);
  t.strictSame(await names.resolve('wall'), FOUND);
  t.strictSame(await names.resolve('a.b.example'), FOUND);
  t.strictSame(await names.resolve('wall.studio.example.'), FOUND);
  t.strictSame(await names.resolve('gone'), []);
  await writeFile(hostsFile, '::1 gone');
  t.strictSame(await names.resolve('gone'), [{ address: '::1', family: 6 }], 'read again each time');
});

t.test('hosts files and resolv.conf as they come', async (t) => {
  const hosts =
    '# 10.0.0.1 x\n127.0.0.1\tlocalhost  Desk desk2\r\n::1 localhost #desk\n\nnot-an-ip desk\n10.0.0.2 desk.\n';
  t.strictSame(
    ['localhost', 'DESK', 'desk2', 'desk2.', 'x', 'des', ''].map((name) =>
      hostsOf(hosts, name).map(({ address }) => address),
    ),
    [['127.0.0.1', '::1'], ['127.0.0.1'], ['127.0.0.1'], ['127.0.0.1'], [], [], []],
  );
  const kubernetes =
    'search n.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5 edns0\n';
  t.strictSame(fullNames(kubernetes, 'a.b'), ['a.b.n.svc.cluster.local.', 'a.b.svc.cluster.local.', 'a.b.']);
  t.strictSame(fullNames(kubernetes, 'a.b.'), ['a.b.']);
  t.strictSame(fullNames('domain x.example\nsearch .\n', 'a'), ['a.']);
  t.strictSame(fullNames('search x.example', 'a.b'), ['a.b.', 'a.b.x.example.']);
  for (const text of ['', 'search', 'options ndots:', 'garbage\0'])
    t.strictSame(fullNames(text, 'a.b'), ['a.b.'], text);
});

t.test('silence is an error, and what only the system knows is asked of it', async (t) => {
  const { servers } = await nameServer(t, (name) => (name.startsWith('slow') ? 'silent' : 'refused'));
  const names = new NameServer({ servers, resolvFile: '/nowhere' });
  const asked: string[] = [];
  const system: ResolveName = async (name) => {
    asked.push(name);
    return FOUND;
  };
  const resolver = new Resolver({
    clock: new SystemClock(),
    query: (name) => names.resolve(name),
    ask: system,
  });
  await t.rejects(names.resolve('slow.example'), { code: 'ETIMEOUT' });
  t.strictSame(await resolver.resolve('printer.local'), FOUND);
  t.strictSame(await resolver.resolve('slow.example'), FOUND, 'the system may have another source');
  t.strictSame(asked, ['printer.local', 'slow.example']);
});
