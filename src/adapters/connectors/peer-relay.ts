import { RelayQueue } from '../../domain/relay-queue.ts';
import { CONTROL_COMMAND, isCommandType } from '../../domain/relay-types.ts';
import type { Relayed } from '../../domain/relayed.ts';
import type { PeerLink } from './peer-link.ts';

/** Messages that wait for a peer that does not read, half of them commands, and their characters. */
const MAX_WAITING = 256;
const MAX_WAITING_TEXT = 256 * 1024;
/** With so many unread bytes a peer gets none of them: they must not delay commands and answers. */
const MUCH_UNSENT = 64 * 1024;

/**
 * Sends a peer what clients of the sockets say: commands to every peer, all else to those that take part, as a peer does that has sent
 * a heartbeat or a message to pass on.
 */
export class PeerRelay {
  readonly #link: Pick<PeerLink, 'send' | 'unsentBytes'>;
  readonly #waiting: RelayQueue;
  takesPart = false;

  /** `dropped` is called with the type of each message that the peer does not get because it does not read. */
  constructor(link: Pick<PeerLink, 'send' | 'unsentBytes'>, dropped: (type: string) => void) {
    this.#link = link;
    this.#waiting = new RelayQueue({
      messages: MAX_WAITING,
      text: MAX_WAITING_TEXT,
      dropped: ({ type }, why) => {
        // A message that a newer one replaces is not missed.
        if (why === 'full' || isCommandType(type)) dropped(type);
      },
    });
  }

  add(messages: readonly Relayed[]): void {
    for (const message of messages)
      if (this.takesPart || message.type === CONTROL_COMMAND) this.#waiting.add(message);
    this.send();
  }

  /** Sends what waits, as far as the peer reads. */
  send(): void {
    if (this.#waiting.size === 0) return;
    let room = MUCH_UNSENT - this.#link.unsentBytes;
    const taken = this.#waiting.take(({ text }) => {
      if (room <= 0) return false;
      room -= text.length;
      return true;
    });
    if (taken.length > 0) this.#link.send(...taken.map(({ text }) => text));
  }
}
