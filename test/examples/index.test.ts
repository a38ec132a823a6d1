import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import t, { type Test } from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { openStream } from '../../src/conformance/event-source.ts';
import { send } from '../support/http-client.ts';
import { example } from './example.ts';

const LINES = `
const tiles = new Map(), es = new EventSource('http://127.0.0.1:8760/manifest/stream')
const put = (p) => { for (const [k, t] of Object.entries(p.tiles)) t ? tiles.set(k, t) : tiles.delete(k); draw(tiles) }
es.addEventListener('snapshot', (e) => { tiles.clear(); put(JSON.parse(e.data)) })
es.addEventListener('patch', (e) => put(JSON.parse(e.data)))
`;

const page = readFileSync(example('index.html'), 'utf8');
const [drawing = '', script = ''] = [...page.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(
  ([, text]) => text,
);

t.test('the page holds exactly the lines that the README promises', (t) => {
  t.equal(script.replace(/^ +/gm, ''), LINES);
  t.end();
});

t.test('they keep a browser exact', async (t) => {
  const { url } = await startDaemon(t);
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
  await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick: 'a.png' } });

  const drawn = browser(t, url);
  await drawn.until('1 tiles');
  t.strictSame(drawn.rectangles, 1);
  await send('PATCH', `${url}/compositors/wall/tiles`, {
    '0,0': null,
    '3,-4': { brick: 'b.png' },
    '9,9': { brick: 'c.png' },
  });
  await drawn.until('2 tiles');
  await send('DELETE', `${url}/compositors/wall`);
  await drawn.until('0 tiles');
});

/** Runs the page's scripts with as much of a browser as they touch; `until` waits for the text they show. */
function browser(t: Test, url: string) {
  const drawn = {
    rectangles: 0,
    text: '',
    waiting: undefined as { text: string; done: () => void } | undefined,
    async until(text: string): Promise<void> {
      if (this.text === text) return;
      await new Promise<void>((done, fail) => {
        const late = setTimeout(() => fail(new Error(`shows ${this.text}, not ${text}`)), 10_000);
        this.waiting = { text, done: () => done(clearTimeout(late)) };
      });
    },
  };
  const paint = { fillStyle: '', fillRect: () => drawn.rectangles++ };
  const canvas = { clientWidth: 320, clientHeight: 200, width: 0, height: 0, getContext: () => paint };
  const count = {
    set textContent(text: string) {
      drawn.text = text;
      drawn.rectangles = 0;
      if (drawn.waiting?.text === text) drawn.waiting.done();
    },
  };
  const document = { getElementById: (id: string) => (id === 'map' ? canvas : count) };

  class EventSource {
    readonly #listeners = new Map<string, (event: { data: string }) => void>();

    constructor(address: string) {
      void this.#open(address.replace('http://127.0.0.1:8760', url));
    }

    addEventListener(name: string, listener: (event: { data: string }) => void): void {
      this.#listeners.set(name, listener);
    }

    async #open(address: string): Promise<void> {
      const stream = await openStream({ url: address });
      t.teardown(() => stream.destroy());
      for await (const item of stream)
        if (item.type === 'event') this.#listeners.get(item.event)?.({ data: item.data });
    }
  }

  const context = createContext({ document, EventSource });
  runInContext(drawing, context);
  runInContext(script, context);
  return drawn;
}
