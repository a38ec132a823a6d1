import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { freePort } from './free-port.ts';
import type { Owner } from './program.ts';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  /** Its attributes, and those of its resource. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** 2: it has failed. */
  readonly status: number;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface RawSpan extends Omit<ReceivedSpan, 'facts' | 'status'> {
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code?: number };
}
interface Body {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

/** A collector: takes OTLP over HTTP as JSON, and keeps what came. */
export class OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[] = [];
  /** The newest of each name. */
  readonly metrics = new Map<string, Readonly<Record<string, unknown>>>();
  /** It takes requests and never answers. */
  hangs = false;
  #requests = 0;
  readonly #server: Server;

  static async start(t: Owner): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(await freePort());
    t.teardown(() => {
      receiver.#server.closeAllConnections();
      receiver.#server.close();
    });
    return receiver;
  }

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        this.#requests += 1;
        if (this.hangs) return;
        const bytes = Buffer.concat(pieces);
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        this.#take(JSON.parse(String(text)) as Body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(port, '127.0.0.1');
  }

  get requests(): number {
    return this.#requests;
  }

  #take({ resourceSpans = [], resourceMetrics = [] }: Body): void {
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        for (const { attributes, status, ...span } of spans)
          this.spans.push({
            ...span,
            facts: factsOf([...resource.attributes, ...attributes]),
            status: status?.code ?? 0,
          });
    for (const { scopeMetrics } of resourceMetrics)
      for (const { metrics } of scopeMetrics)
        for (const metric of metrics) this.metrics.set(metric.name, { ...metric });
  }
}

function factsOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
