// Every part of Geometry OS at once against one daemon, started as the README says. Each part is a stand-in with its shapes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { A2aRouter } from '../geometry-os/stand-ins/a2a-router.ts';
import { ApiServer } from '../geometry-os/stand-ins/api-server.ts';
import { CameraSync } from '../geometry-os/stand-ins/camera-sync.ts';
import { ChunkManager } from '../geometry-os/stand-ins/chunk-manager.ts';
import { CompositorClient } from '../geometry-os/stand-ins/compositor-client.ts';
import { PicturedMap } from '../geometry-os/stand-ins/infinite-map.ts';
import { ManifestWriter } from '../geometry-os/stand-ins/manifest-writer.ts';
import { MapLoader } from '../geometry-os/stand-ins/map-loader.ts';
import { testHttpApi, testWebSocket } from '../geometry-os/stand-ins/test-server.ts';
import { WebMcpBridge } from '../geometry-os/stand-ins/webmcp-bridge.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';

const CEILING = 30_000;

t.test('all of Geometry OS on one daemon', { timeout: 110_000 }, async (t) => {
  const systems = await temporaryFolder(t);
  const builder = join(systems, 'builder');
  // There is no folder for the map, as in a fresh clone.
  for (const folder of ['queue', 'metadata']) await mkdir(join(builder, folder), { recursive: true });
  await writeFile(join(builder, 'queue/wall.rts.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
  await writeFile(join(builder, 'metadata/silicon_district.json'), '{"security":{"vulnerable_drivers":0}}');
  const file = join(builder, 'map/manifest.json');

  const rust = await CameraSync.start(t);
  const api = await ApiServer.start(t);
  const dir = await temporaryFolder(t);
  const compositors = [
    { id: 'rust', name: 'Rust', protocol: 'ws', address: '127.0.0.1', port: rust.port },
    { id: 'api', name: 'Rust, its API', protocol: 'http', address: '127.0.0.1', port: api.port },
  ];
  await writeFile(join(dir, 'compositors.json'), JSON.stringify(compositors));
  const wsPort = await freePort();
  const socket = `ws://127.0.0.1:${wsPort}`;
  const { url } = await startDaemon(t, {
    dir,
    // 8765 itself may belong to somebody on the machine that runs the test.
    args: ['--geometry-os', systems, `--legacy-socket=127.0.0.1:${wsPort}`, '--stream-heartbeat=0.5'],
  });
  const status = async (id: string) => (await send('GET', `${url}/compositors/${id}`)).body.status as string;
  await eventually(
    async () => (await status('rust')) === 'connected' && (await status('api')) === 'connected',
    'both are connected',
    CEILING,
  );

  const map = new PicturedMap({ origin: url, wsPort, pollInterval: 500 });
  t.teardown(() => map.destroy());
  const client = await CompositorClient.connect(t, socket);
  const loader = new MapLoader(file);
  const loaded = (key: string) => () => {
    loader.checkUpdates();
    return loader.entries.has(key);
  };

  await t.test('a tile of the Rust compositor is on every map, and in the file', async (t) => {
    rust.broadcastTile(8192, 8192, 'wall.rts.png', 1_700_000_000.5);
    await eventually(() => map.tiles.has('8192,8192') && client.tiles.length > 0, 'on both sockets', CEILING);
    await eventually(() => map.textures.has('wall.rts.png'), 'with its picture', CEILING);
    await eventually(loaded('8192,8192'), 'in the file', CEILING);
    const manager = new ChunkManager({ apiEndpoint: `${url}/api/chunk` });
    await manager.load(512, 512);
    t.strictSame(manager.getTile(8192, 8192), {
      x: 8192,
      y: 8192,
      brick: 'wall.rts.png',
      timestamp: 1_700_000_000,
    });
  });

  await t.test('a tile that is written into the file is on every map', async (t) => {
    new ManifestWriter(file).updateTile(8193, 8192, 'file.rts.png');
    await eventually(() => map.tiles.has('8193,8192'), 'on the map', CEILING);
    await eventually(() => map.textures.has('file.rts.png'), 'with a picture that is drawn', CEILING);
    t.match((await send('GET', `${url}/manifest`)).body.tiles, { '8193,8192': { compositor: 'file' } });
  });

  await t.test('cameras go both ways, and heartbeats fit', async (t) => {
    rust.broadcastCamera(819_200, 819_200, 0.5);
    await eventually(() => map.cameras.length > 0 && client.cameras.length > 0, 'a camera', CEILING);
    await eventually(
      () => rust.heartbeats > 0 && client.heartbeats > 0 && map.heartbeats > 0,
      'heartbeats',
      CEILING,
    );
    t.same(rust.misfits, []);
    const before = map.cameras.length;
    // It sends a camera of its own.
    await t.resolves(testWebSocket(t, socket));
    await eventually(() => map.cameras.length > before, 'the camera of another browser', CEILING);
  });

  await t.test('what test_server.py checks over HTTP, and its metadata', async (t) => {
    await t.resolves(testHttpApi(url));
    t.strictSame(await map.securityMetadata(), { vulnerable_drivers: 0 });
  });

  await t.test('agents share the plane', async (t) => {
    const router = new A2aRouter(url);
    for (const id of ['ada', 'bob']) await send('PUT', `${url}/compositors/${id}`, { name: id, ttl: 3600 });
    const [ada, bob] = [new WebMcpBridge(router, 'ada'), new WebMcpBridge(router, 'bob')];
    const tower = { x: 0, y: 0, width: 8, height: 8 };
    const { claim_id } = await ada.regionClaim(tower);
    t.match(await bob.regionClaim(tower), { success: false, conflicting_claim: claim_id });
    t.match(await ada.regionRelease(claim_id), { success: true });
  });

  await t.test('the API of the Rust side is behind the proxy, and its calls are commands', async (t) => {
    const scan = await send('GET', `${url}/compositors/api/proxy/api/scan`);
    t.match(scan.body, { poi: [{ brick: 'Alpine_VM' }] });
    const params = { tile_id: 1, rows: 24, cols: 80, shell: '/bin/sh', x: 0, y: 0 };
    const spawned = await send('POST', `${url}/compositors/api/commands`, {
      command: 'terminal.spawn',
      params,
    });
    t.match(spawned, { status: 200, body: { ok: true } });
    t.match(api.calls, [{ method: 'POST', path: '/api/terminal/spawn', body: params }]);
  });
  t.equal(map.failed.size, 0, 'no picture failed');
});
