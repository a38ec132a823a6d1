import t from 'tap';
import { makeCompositor } from '../../../src/domain/compositor.ts';
import { Links, type LinksOptions } from '../../../src/services/connectors/links.ts';
import { ManualClock } from '../../support/manual-clock.ts';

t.test('a claim that is lost again and again is wanted once', async (t) => {
  const clock = new ManualClock();
  let looks = 0;
  const options: Partial<Record<keyof LinksOptions, unknown>> = {
    clock,
    ownership: {
      holds: () => false,
      wantHere: () => undefined,
      holderOf: async () => {
        looks += 1;
      },
    },
    connections: { open: () => undefined, close: () => undefined },
    peerBus: { self: 'here' },
    entryOf: (id: string) =>
      makeCompositor({ id, name: id, generation: 'g', ttl: 30, registeredAt: '', enabled: true }),
    changed: () => undefined,
  };
  const links = new Links(options as unknown as LinksOptions);
  links.take('c', { dialed: { end: () => undefined } as never, writer: { generation: 'g' } });
  for (let i = 0; i < 5; i++) links.claimLost('c');
  // The first look comes after 300 ms, and one in each second after it.
  await clock.advance(2500);
  t.equal(looks, 3);
});

t.test(
  'an older link ended the one that was opened after it, when its replica had not got the claim yet',
  async (t) => {
    const clock = new ManualClock();
    const handlers = new Map<string, (message: unknown) => Promise<unknown>>();
    const ends: string[] = [];
    const start = (self: string, holder: () => string | undefined) => {
      const options: Partial<Record<keyof LinksOptions, unknown>> = {
        clock,
        ownership: {
          wantHere: () => undefined,
          forget: () => undefined,
          released: () => undefined,
          holds: () => holder() === self,
          holderOf: async () => holder(),
        },
        connections: { open: () => undefined, close: () => undefined },
        claims: { release: async () => undefined },
        peerBus: {
          self,
          handle: (_topic: string, handler: (message: unknown) => Promise<unknown>) => {
            handlers.set(self, handler);
          },
          request: (to: string, _topic: string, message: unknown) => handlers.get(to)!(message),
        },
        entryOf: (id: string) => makeCompositor({ id, name: id, generation: 'g', ttl: 30, registeredAt: '' }),
        changed: () => undefined,
      };
      const links = new Links(options as unknown as LinksOptions);
      links.start();
      return () =>
        links.take('c', {
          dialed: { end: ({ reason }: { reason: string }) => ends.push(`${self} ${reason}`) } as never,
          writer: { generation: 'g' },
        });
    };
    const claim: { holder?: string } = {};
    const openFirst = start('first', () => claim.holder);
    const openSecond = start('second', () => claim.holder);
    openFirst();
    await clock.advance(100);
    openSecond();
    claim.holder = 'second';
    await clock.advance(5000);
    t.same(ends, ['first replaced']);
  },
);
