// A stand-in of camera_sync.rs, which reads as serde reads its types: a heartbeat whose timestamp is no u64 is none, and whoever sends
// none for a while is forgotten. What went wrong: our heartbeats were floats, so it forgot us.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { TileClient } from '../support/tile-client.ts';

/** The variants of its SyncMessage, and the types of their fields. */
const isU64 = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => typeof value === 'number';
const VARIANTS: Record<string, Record<string, (value: unknown) => boolean>> = {
  heartbeat: { timestamp: isU64 },
  camera_update: {
    ...Object.fromEntries(
      ['x', 'y', 'zoom', 'target_x', 'target_y', 'target_zoom'].map((name) => [name, isNumber]),
    ),
    timestamp: isU64,
  },
  cognitive_update: {},
};

const parses = (message: Readonly<Record<string, unknown>>) => {
  const fields = VARIANTS[String(message['type'])];
  return fields !== undefined && Object.entries(fields).every(([name, fits]) => fits(message[name]));
};

t.test('the Rust compositor does not forget us, and cameras go both ways', async (t) => {
  const peer = await WsPeer.start(t);
  peer.info = undefined;
  const { app } = await build(t, {
    settings: { connect: { interval: 0.2 } },
    compositors: [{ id: 'rust', name: 'Rust', protocol: 'ws', address: peer.host, port: peer.port }],
  });
  const url = await app.listen();
  await eventually(
    () => app.replica.copy.manifest.compositor('rust')?.status === 'connected',
    'it is connected',
  );
  const browser = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  const camera = (x: number) => ({
    type: 'camera_update',
    ...{ x, y: 2, zoom: 0.5, target_x: x, target_y: 2, target_zoom: 0.5 },
    timestamp: 1_764_000_000,
  });
  // It sends its own heartbeats only when nothing else has been sent for ten seconds.
  peer.say(camera(1.5));
  await browser.until(({ messages }) => messages.some(({ x }) => x === 1.5), 'its camera');
  const known = () => peer.heard.filter(parses).filter(({ type }) => type === 'heartbeat').length;
  await eventually(() => known() >= 3, 'heartbeats that it can read');
  peer.say({ type: 'heartbeat', timestamp: 1_764_000_000 });
  const before = known();
  await eventually(() => known() > before, 'and more');
  browser.send(camera(7));
  await peer.hears(({ x }) => x === 7);
  t.same(
    peer.heard.filter((message) => !parses(message)),
    [],
    'it can read all that it gets',
  );
});
