// npm run fuzz -- --requests 100000 [--seed N] [--seconds S] [--only CASE]: good and hostile requests to every operation of
// the contract, over real sockets.
import { buildTests } from '../../scripts/build-tests.mjs';

await buildTests();
const { main } = await import('../../dist-test/fuzz/main.js');
process.exitCode = await main(process.argv.slice(2));
