/** Run by a test as a process of its own: waits for an hour, but must not keep the process for it. */
import { SystemClock } from '../../src/adapters/system-clock.ts';

new SystemClock().after(3_600_000, () => console.log('too late'));
