// The example for HAProxy finds the replicas by their name: one that comes is used, without a line of configuration.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { nameServer } from '../support/name-server.ts';
import { Program } from '../support/program.ts';
import { HAPROXY, withProxy } from './haproxy-or-caddy.ts';

/** Milliseconds for a change of names to be seen, with checks of the servers: a ceiling. */
const SOON = 20_000;

withProxy(t, HAPROXY, async (t) => {
  t.setTimeout(100_000);
  const port = await replica(t, '127.0.0.2', 0);
  await replica(t, '127.0.0.3', port);
  let addresses = '127.0.0.2';
  const names = await nameServer(t, (name) => (name === 'compositord' ? addresses : undefined));
  const example = await readFile(new URL('../../deploy/haproxy/haproxy.cfg', import.meta.url), 'utf8');
  const listen = await freePort();
  const text = HAPROXY.listen(example, listen)
    .replaceAll('compositord:8760', `compositord:${port}`)
    .replace('parse-resolv-conf', `nameserver test ${names.servers[0]}`);
  const file = join(await temporaryFolder(t), 'haproxy.cfg');
  await writeFile(file, text);
  new Program(t, HAPROXY.program, HAPROXY.args(file));

  /** Who answers a dozen requests, as soon as these are all that do. */
  const answering = async (wanted: string[]) => {
    const late = AbortSignal.timeout(SOON);
    for (;;) {
      const seen = new Set<string>();
      for (let i = 0; i < 12; i++) seen.add(await whoAnswers(`http://127.0.0.1:${listen}/manifest`));
      if (wanted.join() === [...seen].sort().join()) return;
      if (late.aborted) throw new Error(`not ${wanted.join()} but ${[...seen].join()}`);
      await new Promise((again) => setTimeout(again, 100));
    }
  };
  await answering(['127.0.0.2']);
  addresses = '127.0.0.2 127.0.0.3';
  await answering(['127.0.0.2', '127.0.0.3']);
  addresses = '127.0.0.3';
  await answering(['127.0.0.3']);
  t.pass('each change of the name was followed');
});

async function whoAnswers(url: string): Promise<string> {
  try {
    const reply = await fetch(url, { headers: { Connection: 'close' } });
    return reply.status === 200 ? await reply.text() : String(reply.status);
  } catch {
    return 'nobody';
  }
}

/** Answers everything with its address. Resolves to its port. */
async function replica(t: Test, address: string, port: number): Promise<number> {
  const server = createServer((_, reply) => void reply.end(address));
  server.listen(port, address);
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}
