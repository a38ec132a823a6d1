// A compositor that dials in, in JavaScript: it publishes over its link, and can be sent commands wherever it runs, behind NAT too.
// Node 22 or newer, nothing to install: the client comes from the daemon.
//
//     node link.mjs [--url URL] [--id ID] [--name NAME] [--at x,y] [--ttl SECONDS] [--interval SECONDS] [--once N]
//
// Its picture is a light that walks round a square of eight cells: put your own in `frame`. A daemon that asks for a token gets it
// from COMPOSITORD_TOKEN.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8760' },
    id: { type: 'string', default: 'javascript' },
    name: { type: 'string', default: 'JavaScript compositor' },
    at: { type: 'string', default: '0,0' },
    ttl: { type: 'string', default: '30' },
    interval: { type: 'string', default: '1' },
    once: { type: 'string' },
  },
});
const RING = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1]]; // prettier-ignore
const [x, y] = values.at.split(',').map(Number);
let interval = Number(values.interval);

/** What changes at this step: the light goes on to the next cell, and the last one turns dark. */
function frame(step) {
  const at = ([dx, dy]) => `${x + dx},${y + dy}`;
  return {
    [at(RING[step % 8])]: { brick: 'dark.rts.png' },
    [at(RING[(step + 1) % 8])]: { brick: 'light.rts.png' },
  };
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

// A program that has the package installed imports 'compositord-client/publish' instead.
const source = await (await fetch(`${values.url}/publish.js`)).text();
const { publish } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const wall = publish({
  url: values.url,
  id: values.id,
  name: values.name,
  platform: process.platform,
  ttl: Number(values.ttl),
  token: process.env.COMPOSITORD_TOKEN,
});
// The link comes back by itself after every cut; only these two are the end.
wall.on('problem', ({ kind, status, detail }) => {
  if (kind === 'taken') fail(`another took over: ${detail}`);
  if (status === 401 || status === 403) fail(`cannot register: ${status} ${detail}`);
  console.error(`${kind}: ${detail}`);
});
wall.on(
  'state',
  (state) => state === 'live' && console.log(`registered ${values.id}, generation ${wall.generation}`),
);
// POST /compositors/{id}/commands {"command": "interval", "params": {"seconds": 0.1}}
wall.onCommand('interval', ({ seconds }) => {
  if (!(seconds >= 0)) throw new Error('params.seconds must be a number');
  interval = seconds;
  return { interval };
});

let ended = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (ended = true));
for (let step = 0; !ended && step < Number(values.once ?? Infinity); step++) {
  try {
    await wall.tiles(frame(step));
    console.log(`published ${step + 1}`);
  } catch (error) {
    if (error.code !== 'tile-taken') throw error;
    console.error(`not published: ${error.code}: ${error.message}`); // a newer tile of another stands there
  }
  for (let waited = 0; !ended && waited < interval; waited += 0.1)
    await setTimeout(Math.min(interval - waited, 0.1) * 1000);
}
await wall.close();
console.log('left');
process.exit(0);
