import type { Readable } from 'node:stream';
import { ConnectorError } from '../../domain/connector.ts';

/** A body of at most `limit` bytes, as text. Of a longer one no more is read, and its connection ends: it may never end by itself. */
export async function readBody(body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      // Leaving the loop destroys the body, and with it the connection.
      throw new ConnectorError('bad-answer', `its answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
