// What went wrong: each connection could hold a body that never ends, 1 MiB for up to five minutes, and a byte at a time it cost a
// hundred times as much: a few hundred connections took all the memory of a daemon with 512 MiB.
import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { ClockAhead } from '../support/clock-ahead.ts';

const MIB = 2 ** 20;

async function daemon(t: Test) {
  const clock = new ClockAhead();
  const built = await build(t, { clock, settings: { limits: { bodies: 4 * MIB }, trustProxy: true } });
  await built.app.listen();
  await built.inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const metric = async (name: string) =>
    Number(new RegExp(`^compositord_${name} (\\d+)$`, 'm').exec((await built.inject('/metrics')).text)?.[1]);
  /** Sends most of a body of 1 MiB for this client, and no end. */
  const upload = async (address: string) => {
    const socket = connect(built.config.settings.listen.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined);
    socket.write(
      `PATCH /compositors/wall/tiles HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${MIB}\r\n\r\n${' '.repeat(MIB - 100)}`,
    );
    await once(socket, 'connect');
    return { answer: () => answer, ended: once(socket, 'close'), destroy: () => socket.destroy() };
  };
  const held = (bytes: number) =>
    eventually(async () => (await metric('body_bytes')) === bytes, `${bytes} bytes are held`);
  return { ...built, clock, metric, upload, held };
}

t.test(
  'uploads that do not end take no more than there is room for, and honest writes have some',
  async (t) => {
    const { clock, upload, held, inject, metric } = await daemon(t);
    const slow = [];
    for (const [i, address] of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2'].entries()) {
      slow.push(await upload(address));
      await held((i + 1) * MIB);
    }
    const third = await upload('192.0.2.1');
    await third.ended;
    t.match(
      third.answer(),
      /^HTTP\/1\.1 429 [^]*connection: close\r\n[^]*retry-after: 1\r\n[^]*rate-limited/i,
    );
    clock.ahead += 1000;
    const write = await inject({
      method: 'PATCH',
      url: '/compositors/wall/tiles',
      headers: { 'x-forwarded-for': '192.0.2.3' },
      payload: { '0,0': { brick: 'b'.repeat(100) } },
    });
    t.equal(write.status, 200);
    await slow[0]!.ended;
    t.match(slow[0]!.answer(), /^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*problems\/overloaded/i);
    await held(3 * MIB);
    for (const each of slow) each.destroy();
    await held(0);
    t.match((await inject('/metrics')).text, 'compositord_limited_total{limit="bodies"} 2');
    t.equal(await metric('body_bytes'), 0);
  },
);

t.test('a body that comes byte by byte costs what it holds', async (t) => {
  const { app, config, held } = await daemon(t);
  const socket = connect(config.settings.listen.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.setNoDelay(true);
  const json = JSON.stringify({ '0,0': { brick: 'a'.repeat(200) } });
  socket.write(
    `PATCH /compositors/wall/tiles HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n`,
  );
  for (const [i, byte] of Array.from(json).entries()) {
    socket.write(byte);
    if (i === 100) await held(4096);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await once(socket.resume(), 'close');
  t.match(app.replica.copy.manifest.tile('0,0'), { brick: 'a'.repeat(200) });
  await held(0);
});
