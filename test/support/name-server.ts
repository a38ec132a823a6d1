import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Owner } from './program.ts';

const A = 1;
const REFUSED = 0x8585;
const FOUND = 0x8580;

/**
 * A real name server on loopback. `addressOf`: the IPv4 address of a name, or several with spaces between; undefined: none; `silent`: it never answers.
 * `port`: absent: a free one.
 */
export async function nameServer(
  t: Owner,
  addressOf: (name: string) => string | undefined,
  port = 0,
): Promise<{ servers: string[]; silences: () => number }> {
  let silences = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, { port: from, address }) => {
    const labels: string[] = [];
    let at = 12;
    while (query[at]) {
      labels.push(query.toString('ascii', at + 1, at + 1 + query[at]!));
      at += query[at]! + 1;
    }
    const found = addressOf(labels.join('.').toLowerCase());
    if (found === 'silent') {
      silences += 1;
      return;
    }
    const type = query.readUInt16BE(at + 1);
    const addresses = type === A && found !== undefined && found !== 'refused' ? found.split(' ') : [];
    const head = Buffer.from(query.subarray(0, at + 5));
    head.writeUInt16BE(found === 'refused' ? REFUSED : FOUND, 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt32BE(0, 8);
    const answer = addresses.flatMap((each) => [
      0xc0,
      0x0c,
      0,
      A,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      4,
      ...each.split('.').map(Number),
    ]);
    socket.send(Buffer.concat([head, Buffer.from(answer)]), from, address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => void socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], silences: () => silences };
}
