// A name server on the usual port, for a network of its own: `compositord` has the addresses that stand in a file.
import { readFileSync } from 'node:fs';
import { nameServer } from '../support/name-server.ts';

const [file = ''] = process.argv.slice(2);
const forEver = { teardown: () => undefined };
await nameServer(
  forEver,
  (name) => (name === 'compositord' ? readFileSync(file, 'utf8').trim() : undefined),
  53,
);
console.log('answers');
