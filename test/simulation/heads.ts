import type { Cursor } from '../../src/domain/cursor.ts';
import type { Agenda } from './agenda.ts';

interface Period {
  readonly cursor: Cursor;
  readonly from: number;
  to: number;
}

/** Which cursor was the head of some server, and when: what was answered must have been true in the meantime. */
export class Heads {
  readonly #agenda: Agenda;
  readonly #reigns: Period[] = [];
  readonly #present = new Map<object, Period>();

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  moved(server: object, cursor: Cursor): void {
    const last = this.#present.get(server);
    if (last) last.to = this.#agenda.steps;
    const reign = { cursor, from: this.#agenda.steps, to: Infinity };
    this.#present.set(server, reign);
    this.#reigns.push(reign);
  }

  /** The heads there were from step `since` on. */
  since(since: number): Set<Cursor> {
    const heads = new Set<Cursor>();
    for (const { cursor, to } of this.#reigns) if (to >= since) heads.add(cursor);
    return heads;
  }
}
