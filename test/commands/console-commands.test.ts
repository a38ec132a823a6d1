import { createHash } from 'node:crypto';
import t from 'tap';
import { MAIN, startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { Pty } from '../support/pty.ts';
import { script } from './console-script.ts';

const PROMPT = 'compositord> ';
const QUICK = { COMPOSITORD_CONNECT_INTERVAL: '0.5' };

t.test('a person registers, watches and commands a compositor from the console alone', async (t) => {
  const peer = await HttpPeer.start(t);
  peer.info = { version: '3.2.1', fps: 60 };
  const { url } = await startDaemon(t, { env: QUICK });
  const console = new Pty(t, [process.execPath, MAIN, 'console', '--url', url]);
  await console.shows(PROMPT);
  const say = async (line: string, ...shown: string[]) => {
    console.type(`${line}\r`);
    for (const text of shown) await console.shows(text);
  };

  await say('create', 'Enter composite name: ');
  await say('Wall', 'Version');
  await say('', 'Platform');
  await say('linux', 'Protocol');
  await say('http', 'Address: ');
  await say('127.0.0.1', 'Port: ');
  await say(String(peer.port), 'Lease');
  await say('', 'wall is ', PROMPT);

  await say('wait wall', 'wall is connected', PROMPT);
  await say('list connected', 'wall', `http://127.0.0.1:${peer.port}`, PROMPT);
  await say('info wall', 'info.version', '3.2.1', PROMPT);
  await say('health wall', 'connected', PROMPT);

  await say(
    'send wall zoom {"factor": 2, "at": "it\'s \\"here\\""}',
    'wall succeeded in ',
    '"ran":"zoom"',
    PROMPT,
  );
  t.match(peer.commands, [{ command: 'zoom', params: { factor: 2, at: 'it\'s "here"' } }]);
  await say('use wall', 'compositord wall> ');
  await say('step reload', 'wall succeeded in ', '"ran":"reload"', 'compositord wall> ');
  peer.onCommand = () => {
    throw new Error('no such scene');
  };
  await say('step load', 'wall failed in ', 'no such scene', 'compositord wall> ');

  await say('watch', 'snapshot reason="initial"');
  await peer.stop();
  await console.shows('compositor wall status="disconnected"');
  await say('', 'compositord wall> ');
  await peer.listen();
  await say('wait wall', 'wall is connected');
  await say('stop', 'wall is stopped');
  await say('list', 'stopped', 'Wall');
  await say('quit');
  t.equal(await console.exited, 0);
});

t.test(
  'step without a selection reaches each that is connected, and tells of each that failed',
  async (t) => {
    const [one, two] = [await HttpPeer.start(t), await WsPeer.start(t)];
    const { url } = await startDaemon(t, { env: QUICK });
    const made = await script(url, [
      `create One protocol=http address=127.0.0.1 port=${one.port}`,
      `create Two protocol=ws address=127.0.0.1 port=${two.port}`,
      'create Three',
      'wait one',
      'wait two',
      'step next {"by": 1}',
    ]);
    t.match(made, { code: 0, err: '' });
    t.match(made.out, /^one succeeded in \d+ ms\n\{"ran":"next","params":\{"by":1\}\}\ntwo succeeded in /m);
    t.match([one.commands, two.commands], [[{ command: 'next' }], [{ command: 'next' }]]);

    one.onCommand = () => {
      throw new Error('stuck');
    };
    const failed = await script(url, ['step next', 'create Never']);
    t.equal(failed.code, 1);
    t.match(failed.out, /^one failed in [^]*stuck[^]*^two succeeded in /m);
    t.match(failed.err, /^compositord console: line 1: step next: one: \S/);
    t.match(await script(url, ['send three next']), {
      code: 1,
      err: /line 1: send three next: not-connected: /,
    });
    t.equal((await send('GET', `${url}/compositors/never`)).status, 404);
  },
);

t.test('a daemon that asks for a token', async (t) => {
  const token = 'a-secret-for-the-console';
  const hash = createHash('sha256').update(token).digest('hex');
  const auth = JSON.stringify([{ name: 'console', hash: `sha256:${hash}`, scopes: ['read', 'write'] }]);
  const daemon = await startDaemon(t, { env: { COMPOSITORD_AUTH: auth } });
  t.match(await script(daemon.url, ['list']), { code: 1, err: /line 1: list: unauthorized: / });
  const asked = await script(daemon.url, ['create Wall', 'watch count=1', 'send wall x'], ['--token', token]);
  t.match(asked, {
    code: 1,
    out: /^wall is registered[^]*snapshot/,
    err: /line 3: send wall x: forbidden: /,
  });
  t.notMatch(asked.out + asked.err, token);
  await daemon.stop();
  t.notMatch(daemon.stderr, token);
});
