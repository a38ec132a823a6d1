import type { Test } from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startLyingProxy, type Asked, type Lie, type Replied } from './lying-proxy.ts';
import { runVerify } from './verify-run.ts';

/** A lie, and the promise under whose name it must be reported. */
export interface NamedLie extends Lie {
  readonly what: string;
  readonly breaks: string;
}

/** One in so many frames or requests, so that a run sees both the truth and the lie. */
export const SOME = 7;

/** Takes a header away from each request. */
export function without(header: string): NonNullable<Lie['ask']> {
  return (asked) => {
    asked.headers[header] = undefined;
    return undefined;
  };
}

/** Lies to one in {@link SOME} of the requests that fit. */
export function some(
  fits: (asked: Asked) => boolean,
  lie: () => Replied | Promise<undefined>,
): NonNullable<Lie['ask']> {
  let count = 0;
  return (asked) => (fits(asked) && ++count % SOME === 0 ? lie() : undefined);
}

export function json(status: number, body: unknown): Replied {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/**
 * A proxy between verify and a sound daemon tells one lie at a time, and verify must name the promise that it breaks: a check that
 * cannot fail checks nothing.
 */
export async function findEach(t: Test, lies: readonly NamedLie[]): Promise<void> {
  const daemon = await startDaemon(t);
  const left = [...lies];
  // A few at a time: all of them at once would be slow enough to break promises of their own.
  const find = async () => {
    for (let lie = left.shift(); lie; lie = left.shift()) {
      const url = await startLyingProxy(t, daemon.url, lie);
      let run = await runVerify([url], 3);
      // On a busy machine three seconds may have too few writes for a lie that shows itself in one of many.
      for (let seconds = 6; seconds <= 24 && !run.named('broken').includes(lie.breaks); seconds *= 2)
        run = await runVerify([url], seconds);
      const { code, report, named } = run;
      const broken = report.promises.filter(({ result }) => result === 'broken');
      t.equal(code, 1, `a proxy that ${lie.what} breaks something`);
      t.ok(named('broken').includes(lie.breaks), `a proxy that ${lie.what} breaks ${lie.breaks}`, {
        found: broken.map(({ name, violations }) => [name, violations]),
      });
      t.same(report.left, []);
    }
  };
  await Promise.all([find(), find(), find()]);
  t.same((await send('GET', `${daemon.url}/compositors`)).body.items, [], 'no compositor is left behind');
}
