import type { PeerBus } from '../../src/domain/peer-bus.ts';

/** A peer bus with one replica: what is published is kept, and is received when the test says so, as is anything else. */
export function fakeBus() {
  const published: unknown[] = [];
  let listener: (message: unknown) => void = () => undefined;
  const peerBus = {
    self: 'self',
    publish: (_topic: string, message: unknown) => void published.push(message),
    subscribe: (_topic: string, listens: typeof listener) => {
      listener = listens;
      return () => (listener = () => undefined);
    },
  } as unknown as PeerBus;
  return { peerBus, published, receive: (message: unknown) => listener(message) };
}
