import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../../src/domain/errors.ts';
import type { ViewChange } from '../../src/domain/view-change.ts';
import type { View } from '../../src/domain/view.ts';
import { viewToJson } from '../../src/services/manifest/manifest-head.ts';
import type { Connection } from './connection.ts';
import type { Report } from './report.ts';

type ViewAsJson = ReturnType<typeof viewToJson>;

/** The views that one reader asks for: what a daemon promised, its stream must show, and what it denied must be over. */
export class Aim {
  readonly #report: Report;
  #connection: Connection | undefined;
  #promised: ViewAsJson | undefined;
  #waiting = 0;
  /** Two changes were under way at once, or one has no answer: the view may be that of either. */
  #isUncertain = false;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Changes the view of the stream on `connection` by `send`. */
  async at(
    view: View,
    connection: Connection,
    send: (change: ViewChange) => Promise<ViewAsJson>,
  ): Promise<void> {
    if (this.#connection !== connection) {
      this.#connection = connection;
      this.#promised = undefined;
      this.#waiting = 0;
      this.#isUncertain = false;
    }
    if (++this.#waiting > 1) this.#isUncertain = true;
    const { rect, compositors, zoom = 0 } = viewToJson(view);
    const outcome = await send({ view: rect, compositors, zoom }).catch((error: unknown) => error);
    if (this.#connection !== connection) return;
    this.#waiting -= 1;
    if (!(outcome instanceof Error)) {
      this.#promised = outcome as ViewAsJson;
      if (!isDeepStrictEqual(outcome, viewToJson(view)))
        this.#report.violation('AIM-WRONG', JSON.stringify(outcome));
      return;
    }
    this.#isUncertain = true;
    const kind = outcome instanceof DomainError ? outcome.kind : outcome.stack;
    if (kind === 'timed-out') return;
    if (kind !== 'not-found') this.#report.violation('AIM-THROWN', String(kind));
    else if (connection.isOpen)
      this.#report.violation('AIM-DENIED', 'of a stream that its daemon has not ended');
  }

  isReached(connection: Connection | undefined, view: View): boolean {
    if (!this.#promised || connection !== this.#connection || this.#isUncertain || this.#waiting > 0)
      return true;
    return isDeepStrictEqual(this.#promised, viewToJson(view));
  }
}
