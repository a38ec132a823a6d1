// Geometry OS's own files, unchanged, where somebody has them: GEOMETRY_OS=path/to/geometry_os npm test -- test/geometry-os/upstream.test.ts
import { spawnSync, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { writeTiles } from '../routes/write-tiles.ts';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { anything, UpstreamFiles } from './upstream-files.ts';

const files = new UpstreamFiles();

/** Runs `check` with the file, or says by its name that it is left out. */
function withFile(name: string, check: (t: Test, path: string) => Promise<void>): void {
  t.test(name, { timeout: 60_000 }, async (t) => {
    const path = files.pathOf(name);
    if (path !== undefined) return check(t, path);
    t.pass(`left out: ${name} is not here; GEOMETRY_OS names the folder of Geometry OS`);
  });
}

async function daemon(t: Test) {
  const port = await freePort();
  const built = await build(t, {
    settings: { geometryOs: 'on', legacySocket: { host: '127.0.0.1', port }, stream: { heartbeat: 0.3 } },
  });
  const url = await built.app.listen();
  await writeTiles(built, 'wall', { '8192,8192': { brick: 'system_core', timestamp: 1_700_000_000.5 } });
  return { ...built, url, socket: `ws://127.0.0.1:${port}` };
}

interface UpstreamChunks {
  loadChunksForViewport(view: object): Promise<unknown[]>;
  getTile(x: number, y: number): unknown;
}
interface UpstreamRegions {
  loadRegion(x: number, y: number, width: number, height: number): Promise<unknown>;
}

withFile('chunk_manager.js', async (t, path) => {
  const { url } = await daemon(t);
  const { ChunkManager, RegionLoader } = files.run(path, url) as Record<
    string,
    new (config: object) => object
  >;
  const chunks = new ChunkManager!({ apiEndpoint: `${url}/api/chunk` }) as UpstreamChunks;
  const loaded = await chunks.loadChunksForViewport({ minX: 8192, minY: 8192, maxX: 8200, maxY: 8200 });
  t.equal(loaded.length, 9, 'its chunk and those around it');
  t.match(chunks.getTile(8192, 8192), { brick: 'system_core', timestamp: 1_700_000_000 });
  const regions = new RegionLoader!({ apiEndpoint: `${url}/api/region` }) as UpstreamRegions;
  t.match(await regions.loadRegion(8192, 8192, 2, 2), { tiles: { '8192,8192': { brick: 'system_core' } } });
});

interface UpstreamClient {
  connect(): void;
  disconnect(): void;
  attemptReconnect: () => void;
  getStats(): { connected: boolean; tileUpdates: number; heartbeats: number };
}

withFile('compositor_client.js', async (t, path) => {
  const built = await daemon(t);
  const exported = files.run(path, built.url)['CompositorClient'] as new (url: string) => UpstreamClient;
  const client = new exported(built.socket);
  t.teardown(() => {
    client.attemptReconnect = () => undefined;
    client.disconnect();
  });
  client.connect();
  await eventually(() => client.getStats().connected && built.app.tileFeed.readers === 1, 'connected');
  await writeTiles(built, 'wall', { '1,1': { brick: 'data_block' } });
  await eventually(
    () => client.getStats().tileUpdates === 1 && client.getStats().heartbeats > 1,
    'a tile and heartbeats',
  );
  t.match(client.getStats(), { connected: true, cameraUpdates: 0 });
});

interface UpstreamMap {
  tiles: Map<string, { timestamp: number }>;
  active: boolean;
  ws: { close(): void } | null;
}

withFile('infinite_map.js', async (t, path) => {
  const built = await daemon(t);
  const errorTexture = {};
  const loaded: string[] = [];
  const adapter = {
    errorTexture,
    createSprite: () => ({}),
    loadTexture: async (url: string) => {
      const response = await fetch(new URL(url, built.url));
      if (!response.ok) return errorTexture;
      loaded.push(`${new URL(url, built.url).pathname} ${response.headers.get('content-type')}`);
      return {};
    },
  };
  const { InfiniteMap } = files.run(path, built.url, { PixiJSV8Adapter: adapter });
  const Map = InfiniteMap as new (world: unknown, config: object) => UpstreamMap;
  const map = new Map(anything, { pollInterval: 100, securityPollInterval: 100, websocketUrl: built.socket });
  t.teardown(() => {
    map.active = false;
    map.ws?.close();
  });
  await eventually(
    () => map.tiles.has('8192,8192') && built.app.tileFeed.readers === 1,
    'the file, and the socket',
  );
  await writeTiles(built, 'wall', { '1,1': { brick: 'data_block' } });
  await eventually(() => map.tiles.has('1,1'), 'a change');
  t.ok(loaded.includes('/builder/queue/system_core image/png'));
  t.ok(loaded.includes('/builder/queue/data_block image/png'));
});

withFile('test_server.py', async (t, path) => {
  if (spawnSync('python3', ['-c', 'import aiohttp, websockets, PIL']).status !== 0)
    return void t.pass('left out: test_server.py needs python3 with aiohttp, websockets and PIL');
  const { url, socket } = await daemon(t);
  // Its addresses are built in.
  const source = readFileSync(path, 'utf8')
    .replace('http://127.0.0.1:8000', url)
    .replace('ws://127.0.0.1:8765', socket);
  const output = await new Promise<string>((resolve) => {
    const child = execFile('python3', ['-c', source], { timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end('\n');
  });
  t.match(output, /All tests passed/);
});
