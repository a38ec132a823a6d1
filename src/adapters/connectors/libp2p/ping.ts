import { randomBytes } from 'node:crypto';
import type { Connection } from './dial.ts';

const PROTOCOL = '/ipfs/ping/1.0.0';
const LENGTH = 32;

/** Resolves when the peer has echoed a ping, or answered that it does not support the ping protocol: it is alive, too. */
export async function ping(connection: Connection, signal: AbortSignal): Promise<void> {
  try {
    const stream = await connection.newStream(PROTOCOL, { signal });
    try {
      await new Promise<void>((resolve, reject) => {
        let missing = LENGTH;
        stream.addEventListener('message', ({ data }) => {
          missing -= data.byteLength;
          if (missing <= 0) resolve();
        });
        stream.addEventListener('close', ({ error }) => reject(error ?? new Error('no echo')));
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        stream.send(randomBytes(LENGTH));
      });
    } finally {
      stream.abort(new Error('done'));
    }
  } catch (error) {
    if ((error as Error).name !== 'UnsupportedProtocolError') throw error;
  }
}
