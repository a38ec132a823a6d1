// What went wrong: what changed while the canvas was being made was counted by what is made after it, and the page ended with a ReferenceError.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { openMap } from './map-page.ts';

/** Whoever yields to the browser waits for a while, as on a busy machine. */
const SLOW = `
  const original = setTimeout;
  setTimeout = (callback, ms = 500, ...rest) => original(callback, ms, ...rest);
`;

t.test('changes that come while the canvas is made are shown', async (t) => {
  const daemon = await startDaemon(t);
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  await wall.patch({ '0,0': { brick: 'first' } });
  const browser = (await startBrowser(t)).context.browser()!;
  const opening = new AbortController();
  const opened = openMap(t, browser, daemon.url, { script: SLOW }).finally(() => opening.abort());
  let changes = 0;
  while (!opening.signal.aborted) await wall.patch({ '1,0': { brick: `${++changes}` } });
  const map = await opened;
  const { state } = await map.until('the last change', ({ bricks }) => bricks['1,0'] === `${changes}`);
  t.equal(state, 'live');
});
