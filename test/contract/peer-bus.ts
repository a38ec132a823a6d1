import { once } from 'node:events';
import type { Test } from 'tap';
import { DomainError } from '../../src/domain/errors.ts';
import { MESSAGE_LIMIT, type PeerBus } from '../../src/domain/peer-bus.ts';

/** One place that replicas share. */
export interface PeerBusWorld {
  /** One more replica; closed by the world in the end. */
  open(): Promise<PeerBus>;
  dispose(): Promise<void>;
}

/** What every adapter of `domain/post.ts` must do. */
export function peerBusContract(t: Test, name: string, factory: (t: Test) => Promise<PeerBusWorld>): void {
  const test = (
    what: string,
    body: (t: Test, a: PeerBus, b: PeerBus, world: PeerBusWorld) => Promise<void>,
  ) =>
    t.test(`${name}: ${what}`, async (t) => {
      const world = await factory(t);
      // What waits for post holds no process.
      const alive = setInterval(() => undefined, 2 ** 30);
      t.teardown(async () => {
        clearInterval(alive);
        await world.dispose();
      });
      await body(t, await world.open(), await world.open(), world);
    });

  test('a question reaches the one it is for, and the answer comes back', async (t, a, b) => {
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
    t.match(error, { kind: 'circuit-open', message: 'not now', retryAfter: 7, errors: [{ field: '/x' }] });
  });

  test('nobody of that name, or nobody who does that: said at once', async (t, a, b, world) => {
    const gone = await world.open();
    gone.handle('work', async () => 1);
    t.equal(await a.request(gone.self, 'work', null, patience()), 1);
    await gone.close();
    const nobody = { name: 'PeerRequestError', why: 'undelivered' };
    await t.rejects(a.request(gone.self, 'work', null, patience()), nobody);
    await t.rejects(a.request('0123456789ab', 'work', null, patience()), nobody);
    await t.rejects(a.request('../../etc/passwd', 'work', null, patience()), nobody);
    await t.rejects(a.request(b.self, 'work', null, patience()), nobody);
    await t.rejects(a.request(a.self, 'work', null, patience()), nobody);
    const stop = b.handle('work', async () => 2);
    t.equal(await a.request(b.self, 'work', null, patience()), 2);
    stop();
    await t.rejects(a.request(b.self, 'work', null, patience()), nobody);
    await t.rejects(a.request(b.self, 'work', null, AbortSignal.abort()), nobody);
  });

  test('who stops waiting is told so, and so is who works for it', async (t, a, b) => {
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

  test('many questions overlap; they arrive in order, and answers find their own', async (t, a, b) => {
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
    t.throws(() => a.publish('news', `${largest}x`), tooLarge);
    t.equal(await a.request(b.self, 'echo', 'still there', patience()), 'still there');
  });

  test('news reach everybody, the sender too, in order, and only who listens to them', async (t, a, b, world) => {
    const c = await world.open();
    const heard = [a, b, c].map((post) => {
      const messages: unknown[] = [];
      const { promise, resolve } = deferred<undefined>();
      post.subscribe('other', () => t.fail('nobody said that'));
      post.subscribe('news', (message) => messages.push(message) === 20 && resolve(undefined));
      return { messages, promise };
    });
    const stop = b.subscribe('news', () => t.fail('it does not listen any more'));
    stop();
    const numbers = Array.from({ length: 20 }, (_, n) => ({ n }));
    for (const message of numbers) a.publish('news', message);
    for (const { messages, promise } of heard) {
      await promise;
      t.strictSame(messages, numbers);
    }
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
    a.publish('news', 'into the void');
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
