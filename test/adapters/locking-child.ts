/**
 * Run by tests as a process of its own: `locking-child.ts <folder>` takes the write lock, says `locked`, and
 * holds it until it gets a message.
 */
import { once } from 'node:events';
import { openTables } from '../../src/adapters/embedded/tables.ts';

const { root } = openTables(process.argv[2] ?? '');
const released = once(process, 'message');
await root.transaction(async () => {
  process.send?.('locked');
  await released;
});
await root.close();
process.disconnect();
