// How much a peer may have done in a time: what no test with a real clock can hold exactly.
import t from 'tap';
import { PeerInbox } from '../../src/adapters/connectors/peer-inbox.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { ManualClock } from '../support/manual-clock.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test(
  'the first tiles are written at once, the next after 20 ms, whatever came meanwhile with them',
  async (t) => {
    const clock = new ManualClock();
    const batches: string[] = [];
    let fail: DomainError | undefined;
    const inbox = new PeerInbox({
      clock,
      events: {
        async tiles(writes) {
          batches.push([...writes].map(([key, write]) => `${key}=${write?.brick}`).join(' '));
          if (fail) throw fail;
          return 0;
        },
        request: async () => [],
      },
      count: () => t.fail('no violation'),
      pause: () => t.fail('it is not paused'),
      resume: () => t.fail('it is not resumed'),
      failed: () => t.fail('nothing failed'),
      answer: () => undefined,
    });
    const advance = async (ms: number) => {
      await clock.advance(ms);
      await turn();
    };
    inbox.tile('0,0', { brick: 'a' });
    await turn();
    t.strictSame(batches.splice(0), ['0,0=a']);
    inbox.tile('0,0', { brick: 'b' });
    await advance(19);
    inbox.tile('0,0', { brick: 'c' });
    inbox.tile('1,1', null);
    await turn();
    t.strictSame(batches, []);
    await advance(1);
    t.strictSame(batches.splice(0), ['0,0=c 1,1=undefined']);

    fail = new DomainError('store-unavailable', 'away', { retryAfter: 2 });
    await advance(100);
    inbox.tile('2,2', { brick: 'd' });
    await turn();
    t.strictSame(batches.splice(0), ['2,2=d']);
    await advance(2999);
    t.strictSame(batches, [], 'as long as the store asked for, and a second');
    fail = undefined;
    await advance(1);
    t.strictSame(batches.splice(0), ['2,2=d']);

    inbox.tile('3,3', { brick: 'e' });
    inbox.stop();
    inbox.tile('4,4', { brick: 'f' });
    await advance(1000);
    t.strictSame(batches, [], 'what waited is forgotten with the link');
  },
);
