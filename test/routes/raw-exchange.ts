import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Test } from 'tap';
import type { Json } from '../support/json.ts';

export interface Exchange {
  /** Not ended: its body is the test's. */
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

/** A request whose path goes out as it is given, without a dot resolved or an escape changed; destroyed with the test. */
export function open(
  t: Test,
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]> } = {},
): Exchange {
  const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options });
  sent.on('error', () => undefined);
  t.teardown(() => sent.destroy());
  const response = once(sent, 'response').then(([reply]) => reply as IncomingMessage);
  // A test that only breaks the exchange does not ask.
  response.catch(() => undefined);
  return { request: sent, response };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: Json;
}

/** A whole request, and its whole reply. */
export async function ask(
  t: Test,
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
): Promise<Answer> {
  const { body, ...rest } = options;
  // Node frames the body of only some methods by itself.
  if (body !== undefined && !rest.headers?.['transfer-encoding'])
    rest.headers = { 'content-length': String(Buffer.byteLength(body)), ...rest.headers };
  const { request, response } = open(t, port, path, rest);
  request.end(body);
  const reply = await response;
  const pieces: Buffer[] = [];
  for await (const piece of reply) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  const { 'content-type': type = '', 'content-encoding': encoding } = reply.headers;
  const isJson = type.includes('json') && encoding === undefined;
  return {
    status: reply.statusCode!,
    headers: reply.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}
