// The script of docs/console.md, with a compositor at the port that it names.
import t from 'tap';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { commandsOf, page } from './pages.ts';
import { Terminal } from './terminal.ts';

const path = 'docs/console.md';

t.test(path, async (t) => {
  const peer = await HttpPeer.start(t);
  peer.onCommand = () => ({ reloaded: 12 });
  const terminal = await Terminal.open(t, { others: { 'port=5000': `port=${peer.port}` } });
  const script = commandsOf({ path, text: page(path) }).find(({ text }) => text.includes('<<'))!;
  const printed = await terminal.paste(script.text);
  t.match(printed, /wall-1 is connected\nwall-1 succeeded in \d+ ms\n\{"reloaded":12\}/);
});
