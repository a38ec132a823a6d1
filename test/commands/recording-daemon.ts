import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly generation: string | undefined;
  readonly body: Record<string, unknown> | undefined;
}

/** What to answer instead of success; `cut` ends the connection without a word. */
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown } | 'cut' | undefined;

/** A server that says yes to every write, or what `answer` says: for the errors that a real daemon makes seldom. */
export class RecordingDaemon {
  readonly requests: Recorded[] = [];
  url = '';
  readonly #answer: (request: Recorded, nth: number) => Answer;
  readonly #arrivals = new EventEmitter();
  #generations = 0;

  private constructor(answer: (request: Recorded, nth: number) => Answer) {
    this.#answer = answer;
  }

  static async start(
    t: Test,
    answer: (request: Recorded, nth: number) => Answer = () => undefined,
  ): Promise<RecordingDaemon> {
    const daemon = new RecordingDaemon(answer);
    const server = createServer((request, response) => void daemon.#take(request, response));
    await listen(server);
    daemon.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    return daemon;
  }

  /** `PATCH /compositors/a/tiles`, in the order in which they came. */
  get log(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  /** Until such a request came; the test's own time limit is the ceiling. */
  async until(line: string): Promise<void> {
    while (!this.log.includes(line)) await once(this.#arrivals, 'request');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { method = '', url = '', headers } = request;
    const recorded: Recorded = {
      method,
      path: url,
      generation: headers['lease-generation'] as string | undefined,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
    this.requests.push(recorded);
    this.#arrivals.emit('request');
    const answer = this.#answer(recorded, this.requests.length);
    if (answer === 'cut') {
      request.socket.destroy();
      return;
    }
    const isRegistration = method === 'PUT' && !url.endsWith('/lease');
    const lease = { generation: `g${isRegistration ? ++this.#generations : 0}`, ttl: 30 };
    const body = answer ? answer.body : { cursor: `${this.requests.length}-00000000`, changed: 1, lease };
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', ...answer?.headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }
}

/** On a free port between 20000 and 32000. */
async function listen(server: ReturnType<typeof createServer>): Promise<void> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const taken = await new Promise<boolean>((done, fail) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? done(true) : fail(error),
      );
      server.listen(port, '127.0.0.1', () => done(false));
    });
    server.removeAllListeners('error');
    if (!taken) return;
  }
}
