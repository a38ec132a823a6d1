import { once } from 'node:events';
import type { Test } from 'tap';
import { DomainError } from '../../src/domain/errors.ts';
import { MESSAGE_LIMIT, type PeerBus } from '../../src/domain/peer-bus.ts';

/** What replicas share. */
export interface PeerBusWorld {
  /** One more replica; closed by the world in the end. */
  open(): Promise<PeerBus>;
  dispose(): Promise<void>;
}

/** What every adapter of `domain/peer-bus.ts` must do. */
export function peerBusContract(t: Test, name: string, factory: (t: Test) => Promise<PeerBusWorld>): void {
  const test = (
    what: string,
    body: (t: Test, a: PeerBus, b: PeerBus, world: PeerBusWorld) => Promise<void>,
  ) =>
    t.test(`${name}: ${what}`, async (t) => {
      const world = await factory(t);
      // Waiting for a message does not keep the process alive.
      const alive = setInterval(() => undefined, 2 ** 30);
      t.teardown(async () => {
        clearInterval(alive);
        await world.dispose();
      });
      await body(t, await world.open(), await world.open(), world);
    });

  test('a request reaches its replica, and the answer comes back', async (t, a, b) => {
    t.not(a.self, b.self);
    for (const each of [a, b]) each.handle('who', async (message) => ({ i: each.self, message }));
    for (const from of [a, b])
      for (const to of [a, b])
        t.strictSame(await from.request(to.self, 'who', { x: [1, null, 'é'] }, patience()), {
          i: to.self,
          message: { x: [1, null, 'é'] },
        });
    b.handle('nothing', async () => undefined);
    t.equal(await a.request(b.self, 'nothing', undefined, patience()), undefined);
  });

  test('what the handler throws comes back; a DomainError as one', async (t, a, b) => {
    b.handle('fail', async (message) => {
      if (message === 'plain') throw new TypeError('no luck');
      const errors = [{ in: 'body' as const, field: '/x', detail: 'is odd' }];
      throw new DomainError('circuit-open', 'not now', { retryAfter: 7, errors });
    });
    await t.rejects(a.request(b.self, 'fail', 'plain', patience()), { name: 'Error', message: 'no luck' });
    const error: unknown = await a
      .request(b.self, 'fail', 'domain', patience())
      .catch((thrown: unknown) => thrown);
    t.ok(error instanceof DomainError);
    const extras = { retryAfter: 7, errors: [{ field: '/x' }] };
    t.match(error, { kind: 'circuit-open', message: 'not now', extras });
  });

  test('no such replica, or no handler there: the request fails at once', async (t, a, b, world) => {
    const closed = await world.open();
    closed.handle('work', async () => 1);
    t.equal(await a.request(closed.self, 'work', null, patience()), 1);
    await closed.close();
    const undelivered = { name: 'PeerRequestError', why: 'undelivered' };
    await t.rejects(a.request(closed.self, 'work', null, patience()), undelivered);
    await t.rejects(a.request('0123456789ab', 'work', null, patience()), undelivered);
    await t.rejects(a.request('../../etc/passwd', 'work', null, patience()), undelivered);
    await t.rejects(a.request(b.self, 'work', null, patience()), undelivered);
    await t.rejects(a.request(a.self, 'work', null, patience()), undelivered);
    const stop = b.handle('work', async () => 2);
    t.equal(await a.request(b.self, 'work', null, patience()), 2);
    stop();
    await t.rejects(a.request(b.self, 'work', null, patience()), undelivered);
    await t.rejects(a.request(b.self, 'work', null, AbortSignal.abort()), undelivered);
  });

  test('an aborted request ends, and so does its handler', async (t, a, b) => {
    const started = deferred<AbortSignal>();
    b.handle('slow', (_, signal) => {
      started.resolve(signal);
      return new Promise(() => undefined);
    });
    const controller = new AbortController();
    const asked = t.rejects(a.request(b.self, 'slow', null, controller.signal), {
      name: 'PeerRequestError',
      why: 'unanswered',
    });
    const signal = await started.promise;
    t.notOk(signal.aborted);
    const aborted = once(signal, 'abort');
    controller.abort();
    await asked;
    await aborted;
  });

  test('many requests overlap; they arrive in order, and each gets its own answer', async (t, a, b) => {
    const seen: unknown[] = [];
    const all = deferred<undefined>();
    b.handle('echo', async (message) => {
      seen.push(message);
      if (seen.length === 200) all.resolve(undefined);
      await all.promise; // none is answered before the last one is asked
      return message;
    });
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    t.strictSame(await Promise.all(numbers.map((n) => a.request(b.self, 'echo', n, patience()))), numbers);
    t.strictSame(seen, numbers);
  });

  test('two MiB go both ways, and one byte more is refused', async (t, a, b) => {
    b.handle('echo', async (message) => message);
    b.handle('large', async (message) => 'x'.repeat(Number(message)));
    const largest = 'é'.repeat(MESSAGE_LIMIT / 2 - 1); // two bytes each, and two quotes
    t.ok((await a.request(b.self, 'echo', largest, patience())) === largest);
    const tooLarge = { name: 'DomainError', kind: 'too-large' };
    await t.rejects(a.request(b.self, 'echo', `${largest}x`, patience()), tooLarge);
    await t.rejects(a.request(b.self, 'large', MESSAGE_LIMIT, patience()), tooLarge);
    t.throws(() => a.publish('topic', `${largest}x`), tooLarge);
    t.equal(await a.request(b.self, 'echo', 'still there', patience()), 'still there');
  });

  test('what is published reaches all replicas, the sender too, in order, and only under its topic', async (t, a, b, world) => {
    const c = await world.open();
    const heard = [a, b, c].map((peerBus) => {
      const messages: unknown[] = [];
      const { promise, resolve } = deferred<undefined>();
      peerBus.subscribe('other', () => t.fail('nothing was published there'));
      peerBus.subscribe('topic', (message) => messages.push(message) === 20 && resolve(undefined));
      return { messages, promise };
    });
    const stop = b.subscribe('topic', () => t.fail('it has unsubscribed'));
    stop();
    const numbers = Array.from({ length: 20 }, (_, n) => ({ n }));
    for (const message of numbers) a.publish('topic', message);
    for (const { messages, promise } of heard) {
      await promise;
      t.strictSame(messages, numbers);
    }
  });

  test('a hint reaches all replicas, the sender too, and carries nothing', async (t, a, b, world) => {
    const c = await world.open();
    const heard = [a, b, c].map((peerBus) => new Promise((resolve) => peerBus.subscribe('hint', resolve)));
    a.hint('hint');
    t.strictSame(await Promise.all(heard), [undefined, undefined, undefined]);
  });

  test('closing ends what is under way on both sides', async (t, a, b) => {
    const begun = deferred<AbortSignal>();
    b.handle('slow', (_, signal) => {
      begun.resolve(signal);
      return new Promise(() => undefined);
    });
    const asked = t.rejects(a.request(b.self, 'slow', null, patience()), {
      name: 'PeerRequestError',
      why: 'unanswered',
    });
    const signal = await begun.promise;
    await a.close();
    await asked;
    await b.close();
    t.ok(signal.aborted);
    await a.close();
    await t.rejects(a.request(b.self, 'slow', null, patience()), {
      name: 'PeerRequestError',
      why: 'undelivered',
    });
    a.publish('topic', 'to no one');
    a.hint('topic');
  });
}

/** A ceiling, for a busy machine. */
function patience(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
