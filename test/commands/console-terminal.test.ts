import t, { type Test } from 'tap';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Pty } from '../support/pty.ts';

const { url } = await startDaemon(t);
const PROMPT = 'compositord> ';

/** A console on a real terminal, at its first prompt. */
async function open(t: Test, at = url): Promise<{ console: Pty; greeting: string }> {
  const console = new Pty(t, [process.execPath, MAIN, 'console', '--url', at]);
  return { console, greeting: await console.shows(PROMPT) };
}

t.test('it greets, asks, completes and remembers', async (t) => {
  const { console, greeting } = await open(t);
  t.match(greeting, /^compositord \d+\.\d+\.\d+ at http:\/\/127\.0\.0\.1:\d+, 0 compositors\. help lists/);

  // Each key by itself: readline takes a Tab in the middle of much for pasted text.
  console.type('cre');
  await console.shows('cre');
  console.type('\t');
  await console.shows('ate ');
  console.type('\r');
  await console.shows('Enter composite name: ');
  console.type('\r');
  await console.shows('"" is no answer to: Enter composite name');
  await console.shows('Enter composite name: ');
  console.type('Wall 1\r');
  await console.shows('Version (may be empty): ');
  console.type('\r');
  await console.shows('Platform (may be empty): ');
  console.type('linux\r');
  await console.shows('Protocol (http, https, ws, wss, libp2p; empty when it only publishes): ');
  console.type('h');
  await console.shows('h');
  console.type('\t');
  await console.shows('ttp');
  console.type('s\r');
  await console.shows('Address: ');
  console.type('127.0.0.1\r');
  await console.shows('Port: ');
  console.type('70000\r');
  await console.shows('"70000" is no answer to: Port');
  console.type('1\r');
  await console.shows('Lease in seconds (empty: 86400): ');
  console.type('\r');
  await console.shows('wall-1 is ');
  await console.shows(PROMPT);
  t.match((await send('GET', `${url}/compositors/wall-1`)).body, {
    name: 'Wall 1',
    platform: 'linux',
    port: 1,
  });

  console.type('info w');
  await console.shows('info w');
  console.type('\t');
  await console.shows('all-1 ');
  console.type('\r');
  await console.shows('Wall 1');
  await console.shows(PROMPT);
  // The line before the last: the answers to questions are not in the history.
  console.type('\x1b[A\x1b[A\x15list\r');
  await console.shows('create');
  await console.shows('https://127.0.0.1:1');
  console.type('use wall-1\r');
  await console.shows('compositord wall-1> ');
  console.type('stop\r');
  await console.shows('wall-1 is stopped');
  console.type('info nobody\r');
  await console.shows('not-found: no compositor "nobody" is registered');
  console.type('exit\r');
  t.equal(await console.exited, 0);
});

t.test('Ctrl-C ends what goes on, never the console; Ctrl-D does', async (t) => {
  const { console } = await open(t);
  console.type('lisx\x03');
  await console.shows('^C');
  await console.shows(PROMPT);
  console.type('\x03');
  await console.shows('quit, exit or Ctrl-D ends.');
  await console.shows(PROMPT);

  console.type('create\r');
  await console.shows('Enter composite name: ');
  console.type('Never\r');
  await console.shows('Version (may be empty): ');
  console.type('\x03');
  await console.shows(PROMPT);
  t.equal((await send('GET', `${url}/compositors/never`)).status, 404);

  console.type('wait wall-1 connected\r');
  await console.shows('\n');
  console.type('\x03');
  await console.shows(PROMPT);

  console.type('watch\r');
  await console.shows('snapshot reason="initial"');
  await send('PUT', `${url}/compositors/two`, { name: '\x1b]0;owned\x07 two' }).then(({ status }) =>
    t.equal(status, 400, 'a name cannot hold such a thing'),
  );
  await send('PUT', `${url}/compositors/two`, { name: 'Two' });
  await console.shows('compositor two status="registered" name="Two"');
  console.type('\x03');
  await console.shows(PROMPT);
  console.type('watch two\r');
  await console.shows('snapshot reason="initial" tiles=0 compositors=1');
  console.type('\r');
  await console.shows(PROMPT);
  console.type('watch two count=1\r');
  await console.shows('snapshot');
  await console.shows(PROMPT);
  console.type('\x04');
  t.equal(await console.exited, 0);
});

t.test('a daemon that is away at first', async (t) => {
  const port = await freePort();
  const { console, greeting } = await open(t, `http://127.0.0.1:${port}`);
  t.match(greeting, /^no daemon answers at http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/);
  console.type('info w');
  await console.shows('info w');
  console.type('\t');
  console.type('all\x03');
  await console.shows('^C');
  await startDaemon(t, { port });
  console.type('list\r');
  await console.shows('None.');
  console.type('quit\r');
  t.equal(await console.exited, 0);
});
