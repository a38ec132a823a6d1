// Names that change, that have several addresses, that are slow: what the guard lets a connection be made to.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import t from 'tap';
import { Guard } from '../../src/adapters/connectors/guard.ts';
import { Resolver, type IpAddress, type ResolveName } from '../../src/adapters/connectors/resolver.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { AddressPolicy } from '../../src/domain/address-policy.ts';

const ip = (address: string): IpAddress => ({ address, family: address.includes(':') ? 6 : 4 });

function guardOf(allow: string[], names: Record<string, string[]> = {}, ownPort?: number) {
  const asked: string[] = [];
  const resolve: ResolveName = async (name) => {
    asked.push(name);
    return (names[name] ?? []).map(ip);
  };
  const guard = new Guard({ policy: new AddressPolicy(allow), resolve, ownPort: () => ownPort });
  return { guard, asked };
}

t.test('an IP address is checked and nobody is asked', async (t) => {
  const { guard, asked } = guardOf(['loopback']);
  t.strictSame(await guard.addressesOf('127.0.0.1', 80), [ip('127.0.0.1')]);
  t.strictSame(await guard.addressesOf('::1', 80), [ip('::1')]);
  for (const address of ['10.0.0.1', '169.254.169.254', 'fe80::1%lo', '::ffff:169.254.169.254'])
    await t.rejects(
      guard.addressesOf(address, 80),
      { name: 'ConnectorError', message: /10.0.0.1|connect/ },
      address,
    );
  t.throws(() => guard.checkLiteral('10.0.0.1', 80), { message: /private/ });
  t.doesNotThrow(() => guard.checkLiteral('a.name', 80));
  t.strictSame(asked, []);
});

t.test('of a name, only the addresses that may be connected to are left', async (t) => {
  const { guard } = guardOf(['loopback'], {
    both: ['169.254.169.254', '127.0.0.1', '10.0.0.1'],
    bad: ['10.0.0.1', '::ffff:169.254.169.254'],
    none: [],
  });
  t.strictSame(await guard.addressesOf('both', 80), [ip('127.0.0.1')]);
  await t.rejects(guard.addressesOf('bad', 80), {
    trouble: 'refused',
    message: '"bad" (10.0.0.1) is private, and connect.allow does not name it',
  });
  await t.rejects(guard.addressesOf('none', 80), { message: /no address/ });
});

t.test('a connection goes to what was checked, and the name is asked for once', async (t) => {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  let times = 0;
  // As a rebinding name server does: harmless for the check, then what it is after.
  const resolve: ResolveName = async () => [ip(times++ === 0 ? '127.0.0.1' : '169.254.169.254')];
  const guard = new Guard({ policy: new AddressPolicy(['loopback']), resolve });
  const socket = connect({ host: 'rebind.example', port, lookup: guard.lookupFor(port) });
  await once(socket, 'connect');
  t.equal(socket.remoteAddress, '127.0.0.1');
  t.equal(times, 1);
  socket.destroy();
  const again = connect({ host: 'rebind.example', port, lookup: guard.lookupFor(port) });
  const [error] = (await once(again, 'error')) as [Error];
  t.match(error, { name: 'ConnectorError', trouble: 'refused' });
});

t.test('whoever asks for one address, or one family, gets that', async (t) => {
  const { guard } = guardOf(['loopback'], { both: ['127.0.0.1', '::1'] });
  const lookup = promisify(guard.lookupFor(80)) as (name: string, options: object) => Promise<unknown>;
  t.equal(await lookup('both', {}), '127.0.0.1');
  t.equal(await lookup('both', { family: 6 }), '::1');
  t.strictSame(await lookup('both', { all: true, family: 6 }), [ip('::1')]);
});

t.test('the daemon itself is no compositor', async (t) => {
  const { guard } = guardOf(['loopback', 'private', 'public'], { me: ['127.0.0.1'] }, 8760);
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', 'me'])
    await t.rejects(
      guard.addressesOf(host, 8760),
      { trouble: 'refused', message: /this daemon itself/ },
      host,
    );
  t.equal((await guard.addressesOf('me', 5000)).length, 1);
  t.equal((await guard.addressesOf('8.8.8.8', 8760)).length, 1);
});

t.test('what a registration called its host is shown short and on one line', async (t) => {
  const { guard } = guardOf([]);
  await t.rejects(guard.addressesOf(`a\nb${'x'.repeat(200)}`, 80), {
    message: /^the name "a\\nbx{77}…" has no/,
  });
});

t.test('a name that is slow or fails does not delay the others', async (t) => {
  const asked: string[] = [];
  const stuck: (() => void)[] = [];
  let clock = 0;
  const ask: ResolveName = async (name) => {
    asked.push(name);
    if (name.startsWith('bad')) await new Promise<void>((resolve) => stuck.push(resolve));
    return [ip('127.0.0.1')];
  };
  const time = Object.assign(new SystemClock(), { monotonic: () => clock });
  const resolver = new Resolver({ clock: time, ask });
  // Two hold up everybody, once.
  const first = [resolver.resolve('bad-1'), resolver.resolve('bad-2')];
  const waiting = resolver.resolve('good');
  await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(asked, ['bad-1', 'bad-2'], 'two at a time: the threads belong to others too');
  clock += 5000;
  for (const resolve of stuck.splice(0)) resolve();
  await Promise.all([...first, waiting]);
  // From then on they stand in a line of their own.
  const again = [resolver.resolve('bad-1'), resolver.resolve('bad-2')];
  t.strictSame(await resolver.resolve('good'), [ip('127.0.0.1')]);
  t.equal(stuck.length, 1, 'one of them is asked for, the other waits for it');
  while (asked.filter((name) => name.startsWith('bad')).length < 4) {
    for (const resolve of stuck.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const resolve of stuck.splice(0)) resolve();
  await Promise.all(again);
});

t.test("the system's own names are known", async (t) => {
  const resolver = new Resolver({ clock: new SystemClock() });
  const addresses = (await resolver.resolve('localhost')).map(({ address }) => address);
  t.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'), addresses.join());
});
