import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { eventually } from '../failures/eventually.ts';
import type { TestBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { openDocs, type Executed } from './docs-page.ts';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly required: boolean }[];
}
const { paths } = parse(readFileSync(new URL('../../openapi/openapi.yaml', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const OPERATIONS = Object.values(paths).flatMap((path) => Object.values(path));

/** All tags, in the parts that are tried together: on a busy machine all at once would take too long. */
export const PARTS: Readonly<Record<'manifest' | 'compositors' | 'rest', readonly string[]>> = {
  manifest: ['manifest', 'tiles', 'regions'],
  compositors: ['compositors'],
  rest: ['geometry-os', 'operation'],
};

/** The operations that no part has. */
export const FORGOTTEN = OPERATIONS.filter(({ tags }) => !Object.values(PARTS).flat().includes(tags[0]!)).map(
  ({ operationId }) => operationId,
);

/** What a daemon without tokens cannot do, or a browser. The description of each says so. */
const IMPOSSIBLE: Readonly<Record<string, { status: number | undefined; why: string }>> = {
  openTileSocket: { status: undefined, why: 'a WebSocket has no button' },
  openLink: { status: undefined, why: 'a WebSocket has no button' },
  beginSession: { status: 401, why: 'the daemon has no tokens' },
};
/**
 * Executes all operations with these tags on a daemon with the tour's data, as they are filled in, and says what came of each: nothing but
 * what must be is filled in, and the answer is 2xx.
 */
export async function executeAll(
  t: Test,
  browser: TestBrowser,
  tags: readonly string[],
): Promise<ReadonlyMap<string, Executed>> {
  const { url, stream } = await tour(t);
  const { execute } = await openDocs(t, browser, url, /\/session\)$/);
  const wanted = OPERATIONS.filter((operation) => tags.includes(operation.tags[0]!));
  const executed = new Map<string, Executed>();
  // From the end of the page to its top: what takes something away comes before what may need it.
  for (const { operationId, parameters = [] } of wanted.toReversed()) {
    // Who executes this has a stream open elsewhere, and its id.
    const values = operationId === 'moveStream' ? { stream } : {};
    const result = await execute(operationId, values);
    executed.set(operationId, result);
    const required = parameters.filter((each) => each.required).map(({ name }) => name);
    t.strictSame(
      result.filled.toSorted(),
      required.toSorted(),
      `${operationId}: only what must be is filled in`,
    );
    const { [operationId]: impossible } = IMPOSSIBLE;
    if (impossible) t.equal(result.status, impossible.status, `${operationId}: ${impossible.why}`);
    else if (!/^2\d\d$/.test(String(result.status)))
      t.fail(`${operationId}: ${result.status} ${result.text.slice(0, 300)}`);
  }
  return executed;
}

/** A daemon with the data of the tour, a door and two regions, whose wall also has an HTTP API; and a stream that somebody reads. */
async function tour(t: Test): Promise<{ url: string; stream: string }> {
  const folder = t.testdir();
  mkdirSync(join(folder, 'metadata'));
  writeFileSync(join(folder, 'metadata/silicon_district.json'), '{"name":"Silicon District"}');
  const { app, inject } = await build(t, {
    settings: { bricks: { from: folder }, connect: { allow: ['loopback'] } },
  });
  const url = await app.listen();
  const peer = await HttpPeer.start(t);
  peer.onRequest = (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('fine');
  const { protocol, address, port } = peer.target;
  const wall = { name: 'Wall', ttl: 3600, protocol, address, port };
  await inject({ method: 'PUT', url: '/compositors/wall', payload: wall });
  const tiles = { '3,-4': { brick: 'wall.rts.png' } };
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: tiles });
  for (const rect of ['-8,-8,-1,-1', '-8,1,-1,8'])
    await inject({ method: 'POST', url: '/regions', payload: { compositor: 'wall', rect, ttl: 3600 } });
  const door = { name: 'Door', instance: 'host-7/4711', ttl: 3600 };
  await inject({ method: 'PUT', url: '/compositors/door', payload: door });
  const isConnected = async () => (await inject('/compositors/wall')).json.link === 'connected';
  await eventually(isConnected, 'the wall is connected', 60_000);
  return { url, stream: await openStream(t, url) };
}

/** The id of a stream that stays open. */
async function openStream(t: Test, url: string): Promise<string> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const reply = await fetch(`${url}/manifest/stream`, { signal: abort.signal });
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value = '', done } = await reader.read();
    text += value;
    const opened = /event: opened\ndata: (.*)\n/.exec(text)?.[1];
    if (opened !== undefined) return (JSON.parse(opened) as { stream: string }).stream;
    if (done) throw new Error(`the stream says no id: ${text}`);
  }
}
