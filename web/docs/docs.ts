/*
 * What the page /docs does beyond Swagger UI, which it loads before this and starts after it: it fills in examples that work on this
 * daemon, and shows the beginning of a stream, which has no end to wait for.
 */

/** A request of Swagger UI, and of its own for the document. */
interface Request {
  url: string;
  method?: string;
  loadSpec?: boolean;
  userFetch?: typeof fetch;
}
interface Reply {
  url: string;
  text: string;
}
interface Config {
  plugins?: readonly unknown[];
  [name: string]: unknown;
}
type Start = (config: Config) => unknown;

declare global {
  var SwaggerUIBundle: Start;
}

/** What stands in the document for a cursor and for the id of a region: the daemon gives others. */
const [CURSOR, REGION] = ['1042-9f3a2c1b', 'R3kX9mQ2vT7a'];
/** The compositor of most examples: those of others are none of a newcomer's business. That which is removed is another one, if it is there. */
const [COMPOSITOR, REMOVED] = ['wall', 'door'];

/** Milliseconds after which a stream has been shown for long enough, and characters that are enough of it. */
const LONGEST = 10_000;
const MOST = 64 * 1024;

const start = globalThis.SwaggerUIBundle;
globalThis.SwaggerUIBundle = Object.assign(
  (config: Config) =>
    start({
      ...config,
      plugins: [...(config.plugins ?? []), withoutSockets],
      requestInterceptor: boundStreams,
      responseInterceptor: fillIn,
    }),
  start,
);

/** A browser cannot execute what answers 101: such an operation has no button. */
function withoutSockets(): object {
  type State = { getIn: (path: readonly string[]) => unknown };
  const allowTryItOutFor =
    (original: (...all: unknown[]) => boolean) =>
    (state: State, path: string, method: string): boolean =>
      state.getIn(['json', 'paths', path, method, 'responses', '101']) === undefined &&
      original(state, path, method);
  return { statePlugins: { spec: { wrapSelectors: { allowTryItOutFor } } } };
}

function boundStreams(request: Request): Request {
  const isStream = request.loadSpec !== true && new URL(request.url).pathname.endsWith('/manifest/stream');
  if (isStream) request.userFetch = firstEvents;
  return request;
}

/** What a stream says until it has said everything that there was: a reply that ends. */
async function firstEvents(...request: Parameters<typeof fetch>): Promise<Response> {
  const reply = await fetch(...request);
  if (!reply.ok || !reply.body) return reply;
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  const late = setTimeout(() => void reader.cancel(), LONGEST);
  let text = '';
  while (text.length < MOST && !/^event: (?:synced|bye)\n(?:.+\n)*\n/m.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  clearTimeout(late);
  await reader.cancel();
  const { status, headers } = reply;
  return new Response(`${text}: The stream goes on; this page shows its beginning.\n`, { status, headers });
}

/** The part of the document that is filled in. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; example?: string }[];
}

/** Puts the present cursor and regions of the tour's compositor into the examples of the document. What is removed is not what others need. */
async function fillIn(reply: Reply): Promise<Reply> {
  if (!new URL(reply.url).pathname.endsWith('/docs/json')) return reply;
  const root = new URL('..', reply.url);
  const [health, regions, removed] = await Promise.all([
    read<{ cursor: string }>(new URL('health', root)),
    read<{ items: { id: string }[] }>(new URL(`regions?compositor=${COMPOSITOR}`, root)),
    // Not that of the compositor itself: a 404 would look like a fault of the page.
    read<{ compositors: object }>(new URL(`manifest?compositor=${REMOVED}&view=0,0,0,0`, root)),
  ]);
  const cursor = health?.cursor ?? CURSOR;
  const [first, last] = [regions?.items[0]?.id ?? REGION, regions?.items.at(-1)?.id ?? REGION];
  const text = reply.text.replaceAll(CURSOR, cursor).replaceAll(REGION, first);
  const document = JSON.parse(text) as Document;
  setId(document, 'releaseRegion', last);
  if (removed && !(REMOVED in removed.compositors)) setId(document, 'removeCompositor', COMPOSITOR);
  reply.text = JSON.stringify(document);
  return reply;
}

function setId({ paths }: Document, operationId: string, id: string): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const operation = operations.find((each) => each.operationId === operationId);
  const parameter = operation?.parameters?.find(({ name }) => name === 'id');
  if (parameter) parameter.example = id;
}

/** Undefined when the daemon does not answer, or wants a token that nobody has entered. */
async function read<T>(url: URL): Promise<T | undefined> {
  try {
    const reply = await fetch(url, { headers: authorization() });
    return reply.ok ? ((await reply.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** The token that was entered under Authorize: Swagger UI keeps it. */
function authorization(): Record<string, string> {
  const kept = JSON.parse(localStorage.getItem('authorized') ?? '{}') as { token?: { value?: unknown } };
  const value = kept.token?.value;
  return typeof value === 'string' ? { authorization: `Bearer ${value}` } : {};
}

export {};
