// Counts the tiles of each compositor, again after each change: node dist/watch.js [URL]
import { connect, Refused, type Batch } from 'compositord-client';

const url = process.argv[2] ?? 'http://127.0.0.1:8760';
const map = connect({ url, token: process.env['COMPOSITORD_TOKEN'] ?? null });
map.on('problem', ({ kind, detail }) => console.error(`${kind}: ${detail}`));

try {
  await map.ready;
} catch (error) {
  // Everything else is tried again.
  console.error(error instanceof Refused ? `refused: ${error.title} (${error.code})` : error);
  process.exit(1);
}
print();
map.on('change', print);

function print(batch?: Batch): void {
  const owners = new Map<string, number>();
  for (const { compositor } of map.tiles.values()) owners.set(compositor, (owners.get(compositor) ?? 0) + 1);
  const counts = [...owners].map(([id, tiles]) => `${map.compositors.get(id)?.name ?? id}: ${tiles}`);
  const revision = batch?.revision ?? Number.parseInt(map.cursor ?? '0');
  console.log(`revision ${revision}: ${counts.join(', ') || 'no tiles'}`);
}
