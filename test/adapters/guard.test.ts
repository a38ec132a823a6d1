// Names that change, that have several addresses, that are slow: what the guard lets a connection be made to.
import { EventEmitter, once } from 'node:events';
import { promisify } from 'node:util';
import t from 'tap';
import { Guard } from '../../src/adapters/connectors/guard.ts';
import { lookupOf } from '../../src/adapters/connectors/guarded-agent.ts';
import { HttpPool } from '../../src/adapters/connectors/http-pool.ts';
import type { IpAddress, ResolveName } from '../../src/adapters/connectors/ip-address.ts';
import { Resolver } from '../../src/adapters/connectors/resolver.ts';
import { TargetPlaces } from '../../src/adapters/connectors/target-places.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { AddressPolicy } from '../../src/domain/address-policy.ts';
import { soon } from '../contract/connector-world.ts';
import { SteppedClock } from '../failures/stepped-clock.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';

const ip = (address: string): IpAddress => ({ address, family: address.includes(':') ? 6 : 4 });

function guardOf(allow: string[], names: Record<string, string[]> = {}, ownPorts: number[] = []) {
  const asked: string[] = [];
  const resolve: ResolveName = async (name) => {
    asked.push(name);
    return (names[name] ?? []).map(ip);
  };
  const guard = new Guard({ policy: new AddressPolicy(allow), resolve, ownPorts: () => ownPorts });
  return { guard, asked };
}

/** A resolver whose lookups last until the test ends them. */
function resolverOf() {
  const asked: string[] = [];
  const open = new Map<
    string,
    { resolve: (addresses: IpAddress[]) => void; reject: (error: Error) => void }
  >();
  const heard = new EventEmitter();
  const clock = new SteppedClock();
  const ask: ResolveName = (name) =>
    new Promise((resolve, reject) => {
      asked.push(name);
      open.set(name, { resolve, reject });
      heard.emit(name);
    });
  const lookupOf = async (name: string, ms: number) => {
    if (!open.has(name)) await once(heard, name);
    const lookup = open.get(name)!;
    open.delete(name);
    clock.sleep(ms);
    return lookup;
  };
  return {
    resolver: new Resolver({ clock, query: async () => [], ask }),
    asked,
    ends: async (name: string, ms = 1) => (await lookupOf(name, ms)).resolve([ip('127.0.0.1')]),
    fails: async (name: string, ms = 1) => (await lookupOf(name, ms)).reject(new Error('ENOTFOUND')),
  };
}

t.test('an IP address is checked and nobody is asked', async (t) => {
  const { guard, asked } = guardOf(['loopback']);
  t.strictSame(await guard.addressesOf('127.0.0.1', 80), [ip('127.0.0.1')]);
  t.strictSame(await guard.addressesOf('::1', 80), [ip('::1')]);
  for (const address of ['10.0.0.1', '169.254.169.254', 'fe80::1%lo', '::ffff:169.254.169.254'])
    await t.rejects(
      guard.addressesOf(address, 80),
      { name: 'ConnectorError', message: /10.0.0.1|connect|never allowed/ },
      address,
    );
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
    kind: 'refused',
    message: '"bad" (10.0.0.1) is private, and connect.allow does not name it',
  });
  await t.rejects(guard.addressesOf('none', 80), { message: /no address/ });
});

t.test('a connection goes to what was checked, and the name is asked for once', async (t) => {
  const peer = await HttpPeer.start(t);
  let times = 0;
  // As a rebinding name server does: harmless for the check, then what it is after.
  const resolve: ResolveName = async () => [ip(times++ === 0 ? '127.0.0.1' : '169.254.169.254')];
  const guard = new Guard({ policy: new AddressPolicy(['loopback']), resolve });
  const pool = new HttpPool({ guard });
  t.teardown(() => pool.close());
  const target = { ...peer.target, address: 'rebind.example' };
  const ask = () => pool.request(target, { method: 'GET', path: '/health', headers: {} }, soon());
  (await ask()).resume();
  t.equal(times, 1);
  await t.rejects(ask(), { name: 'ConnectorError', kind: 'refused' });
});

t.test('whoever asks for one address, or one family, gets that', async (t) => {
  const lookup = promisify(lookupOf([ip('127.0.0.1'), ip('::1')])) as (
    name: string,
    options: object,
  ) => Promise<unknown>;
  t.equal(await lookup('both', {}), '127.0.0.1');
  t.equal(await lookup('both', { family: 6 }), '::1');
  t.strictSame(await lookup('both', { all: true, family: 6 }), [ip('::1')]);
});

t.test('the daemon itself is no compositor', async (t) => {
  const { guard } = guardOf(['loopback', 'private', 'public'], { me: ['127.0.0.1'] }, [8765, 8760]);
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', 'me'])
    await t.rejects(guard.addressesOf(host, 8760), { kind: 'refused', message: /this daemon itself/ }, host);
  t.equal((await guard.addressesOf('me', 5000)).length, 1);
  t.equal((await guard.addressesOf('8.8.8.8', 8760)).length, 1);
});

// What went wrong: a compositor registered at the address of Redis, and what callers sent through the proxy were commands of Redis.
t.test("the daemon's own store is no compositor", async (t) => {
  const names: Record<string, string[]> = {
    redis: ['127.0.0.1'],
    elsewhere: ['10.1.2.3'],
    alias: ['10.1.2.3'],
  };
  const resolve: ResolveName = async (name) => (names[name] ?? []).map(ip);
  const guardWith = (host: string) =>
    new Guard({
      policy: new AddressPolicy(['loopback', 'private', 'public']),
      resolve,
      storeNodes: () => [
        { host: 'gone', port: 6379 },
        { host, port: 6379 },
      ],
    });
  for (const store of ['127.0.0.1', '::1', 'redis', '::ffff:127.0.0.1'])
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'redis', '::ffff:7f00:1'])
      await t.rejects(
        guardWith(store).addressesOf(host, 6379),
        { kind: 'refused', message: /own store/ },
        host,
      );
  for (const store of ['10.1.2.3', 'elsewhere'])
    for (const host of ['10.1.2.3', 'alias', '::ffff:10.1.2.3'])
      await t.rejects(guardWith(store).addressesOf(host, 6379), { message: /own store/ }, host);
  for (const [host, port] of [
    ['127.0.0.1', 6380],
    ['10.1.2.4', 6379],
  ] as const)
    t.equal((await guardWith('elsewhere').addressesOf(host, port)).length, 1, host);
  t.equal((await guardWith('elsewhere').addressesOf('127.0.0.1', 6379)).length, 1, 'another Redis');
});

// What went wrong: 2,000 registrations of one address, under names of their own, made the daemon connect to it 2,000 times.
t.test('connections to one address and port are limited, whatever names lead there', async (t) => {
  const clock = new ManualClock();
  const guard = new Guard({
    policy: new AddressPolicy(['public']),
    resolve: async (name) => (name === 'two' ? [ip('8.8.8.8'), ip('9.9.9.9')] : [ip('8.8.8.8')]),
    places: new TargetPlaces({ clock, max: 3, atLeast: 10_000 }),
  });
  const held = await Promise.all(['a', 'b', '8.8.8.8'].map((host) => guard.admit(host, 80)));
  for (const host of ['c', 'a', '8.8.8.8', '::ffff:8.8.8.8'])
    await t.rejects(guard.admit(host, 80), { kind: 'refused', message: /3 connections/ }, host);
  t.equal((await guard.admit('c', 81)).addresses.length, 1, 'another port');
  t.strictSame((await guard.admit('two', 80)).addresses, [ip('9.9.9.9')], 'the address that has room');

  held[0]!.release();
  held[0]!.release();
  await t.rejects(guard.admit('c', 80), { kind: 'refused', message: /3 conn/ }, 'a place is held for 10 s');
  await clock.advance(10_000);
  const next = await guard.admit('c', 80);
  await t.rejects(guard.admit('d', 80), { kind: 'refused', message: /3 conn/ }, 'it was given once');
  await clock.advance(10_000);
  next.release();
  t.equal((await guard.admit('d', 80)).addresses.length, 1, 'after a long connection at once');
});

t.test('what a registration called its host is shown short and on one line', async (t) => {
  const { guard } = guardOf([]);
  await t.rejects(guard.addressesOf(`a\nb${'x'.repeat(200)}`, 80), {
    message: /^the name "a\\nbx{77}…" has no/,
  });
});

t.test('a name that is slow does not delay those that are known to be quick', async (t) => {
  const { resolver, asked, ends } = resolverOf();
  const good = resolver.resolve('good');
  await ends('good');
  await good;
  const first = [resolver.resolve('bad-1'), resolver.resolve('bad-2')];
  const again = resolver.resolve('good');
  await ends('good');
  t.strictSame(await again, [ip('127.0.0.1')]);
  t.strictSame(
    asked,
    ['good', 'good', 'bad-1'],
    'of new names one at a time: the threads belong to others too',
  );
  const late = resolver.resolve('new');
  for (const name of ['bad-1', 'bad-2']) await ends(name, 5000);
  await ends('new');
  await Promise.all([...first, late]);
  // From then on they stand in a line of their own.
  const slow = [resolver.resolve('bad-1'), resolver.resolve('bad-2')];
  const newer = resolver.resolve('newer');
  await ends('newer');
  t.strictSame(await newer, [ip('127.0.0.1')]);
  t.notOk(asked.slice(-2).includes('bad-2'), 'one of them is asked for, the other waits for it');
  await ends('bad-1');
  await ends('bad-2');
  await Promise.all(slow);
});

t.test('a dead name is asked for once at a time, and holds up nobody for long', async (t) => {
  // What went wrong: every attempt queued a lookup of its own, also while one for that name waited, and a name that had
  // failed at once stood in line with those that took ten seconds. Three dead names were 507 lookups after 80 minutes, and
  // whoever had failed once came behind all of them.
  const { resolver, asked, ends, fails } = resolverOf();
  const dead = ['dead-1', 'dead-2', 'dead-3'];
  const attempt = () => dead.map((name) => t.rejects(resolver.resolve(name)));
  const round = async () => {
    for (const name of dead) await fails(name, 10_000);
  };
  const first = attempt();
  await round();
  await Promise.all(first);
  const once = t.rejects(resolver.resolve('good'));
  await fails('good');
  await once;
  asked.length = 0;
  const attempts = Array.from({ length: 10 }, attempt).flat();
  const good = resolver.resolve('good');
  await ends('good');
  t.strictSame(await good, [ip('127.0.0.1')], 'to fail at once is not to be slow');
  await round();
  await Promise.all(attempts);
  t.strictSame(asked.sort(), [...dead, 'good']);
});

t.test("the system's own names are known", async (t) => {
  const resolver = new Resolver({ clock: new SystemClock() });
  const addresses = (await resolver.resolve('localhost')).map(({ address }) => address);
  t.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'), addresses.join());
});
