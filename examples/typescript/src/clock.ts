// A compositor whose two tiles show the time, and which can be asked for it. Node 22 or newer: node dist/clock.js [URL]
import { publish, Refused, type TileChanges } from 'compositord-client/publish';

const url = process.argv[2] ?? 'http://127.0.0.1:8760';
const clock = publish({ url, id: 'clock', name: 'Clock', token: process.env['COMPOSITORD_TOKEN'] ?? null });
clock.on('state', (state) => console.log(state));
// POST /compositors/clock/commands {"command": "now"}
clock.onCommand('now', () => ({ now: new Date().toISOString() }));

const write = async (): Promise<void> => {
  const [hours, minutes] = new Date().toISOString().slice(11, 16).split(':');
  const tiles: TileChanges = { '0,0': { brick: `${hours}.png` }, '1,0': { brick: `${minutes}.png` } };
  try {
    const { cursor } = await clock.tiles(tiles);
    console.log(`${hours}:${minutes} is durable at ${cursor}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`refused: ${error.title}: ${error.detail}`);
    if (clock.state === 'refused') process.exit(1);
  }
};

await write();
const timer = setInterval(() => void write(), 10_000);
process.once('SIGINT', () => {
  clearInterval(timer);
  // Its tiles go with it.
  void clock.close().then(() => process.exit());
});
