// A reader that is exact after every cut, in Node 20 or newer, with nothing to install: the client comes from the daemon.
//
//     node node-subscribe.mjs [--url URL] [--view x1,y1,x2,y2] [--once N]
//
// It prints the map, and each change as it comes. A daemon that asks for a token gets it from COMPOSITORD_TOKEN.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8760' },
    view: { type: 'string' },
    once: { type: 'string' },
  },
});
let left = Number(values.once ?? Infinity);

// A program that has the package installed imports 'compositord-client' instead.
const source = await (await fetch(`${values.url}/client.js`)).text();
const { connect } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const map = connect({ url: values.url, view: values.view, token: process.env.COMPOSITORD_TOKEN });
map.on('state', (state) => console.log(`state: ${state}`));
map.on('problem', ({ kind, status = '', detail }) => console.error(`${kind}: ${status} ${detail}`));

try {
  await map.ready;
} catch {
  process.exit(1); // the daemon does not take the token, or the request: the problem has said so
}
console.log(`exact at revision ${parseInt(map.cursor)}: ${map.tiles.size} tiles`);
for (const [key, { brick, compositor }] of map.tiles) console.log(`  ${key}: ${brick} of ${compositor}`);

map.on('compositor', (id, now) => console.log(`  ${id}: ${now?.name ?? 'gone'}`));
map.on('tile', (key, { brick, compositor }) => console.log(`  ${key}: ${brick} of ${compositor}`));
map.on('remove', (key) => console.log(`  ${key}: gone`));
// One event of the stream, after all that changed with it.
map.on('change', ({ revision }) => {
  console.log(`exact at revision ${revision}: ${map.tiles.size} tiles`);
  left -= 1;
  if (left === 0) map.close();
});
