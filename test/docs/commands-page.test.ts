// The commands of docs/commands.md, with a compositor at the other end.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { commandsOf, page } from './pages.ts';
import { Terminal } from './terminal.ts';

const path = 'docs/commands.md';

t.test(path, { timeout: 120_000 }, async (t) => {
  const peer = await HttpPeer.start(t);
  peer.onRequest = (request, response) => {
    const isStream = request.url === '/events';
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    if (isStream) response.write('data: an event\n\n');
    else response.end(JSON.stringify({ success: true, called: request.url }));
  };
  const terminal = await Terminal.open(t);
  const { url } = terminal.daemon;
  await send('PUT', `${url}/compositors/wall`, {
    name: 'Wall',
    labels: { room: 'lobby' },
    ttl: 3600,
    protocol: 'http',
    address: '127.0.0.1',
    port: peer.port,
  });
  await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick: 'a.png' } });
  await writeFile(join(terminal.folder, 'scene.bin'), 'a scene');

  const printed: string[] = [];
  for (const { text } of commandsOf({ path, text: page(path) })) {
    await terminal.paste(`compositord console << 'EOF'\nwait wall connected\nEOF`);
    printed.push(await terminal.paste(text));
  }
  const [zoom, resize, many, proxy] = printed;
  t.match(JSON.parse(zoom!), { ok: true, answer: { ran: 'zoom', params: { factor: 2 } } });
  t.match(resize, '"called":"/api/terminal/7/resize"');
  t.match(many, /"id":"wall","ok":true/);
  t.match(many, /"id":"door","ok":false,"problem":\{"type":"\/problems\/not-found"/);
  t.match(proxy, /"called":"\/api\/status\?verbose=1"[^]*"called":"\/scenes\/lobby"[^]*data: an event/);
  t.equal(printed.length, 5);
});
