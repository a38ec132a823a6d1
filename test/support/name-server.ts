import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Test } from 'tap';

const A = 1;
const REFUSED = 0x8585;
const FOUND = 0x8580;

/** A real name server on loopback. `addressOf`: the IPv4 address of a name; undefined: none; `silent`: it never answers. */
export async function nameServer(
  t: Test,
  addressOf: (name: string) => string | undefined,
): Promise<{ servers: string[]; silences: () => number }> {
  let silences = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
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
    const bytes = type === A && found !== undefined ? found.split('.').map(Number) : [];
    const head = Buffer.from(query.subarray(0, at + 5));
    head.writeUInt16BE(found === 'refused' ? REFUSED : FOUND, 2);
    head.writeUInt16BE(bytes.length / 4, 6);
    head.writeUInt32BE(0, 8);
    const answer = bytes.length === 0 ? [] : [0xc0, 0x0c, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...bytes];
    socket.send(Buffer.concat([head, Buffer.from(answer)]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => void socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], silences: () => silences };
}
