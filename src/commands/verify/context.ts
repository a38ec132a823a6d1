import type { Opening } from './link-session.ts';
import type { Observations } from './observations.ts';
import type { Region } from './region.ts';
import type { Registered, Send, TestCompositors } from './test-compositors.ts';

/** What the writers and probes of one run share. */
export interface VerifyContext {
  readonly urls: readonly string[];
  readonly send: Send;
  /** Opens the link of a compositor at one URL, with verify's token. Never throws. */
  readonly openLink: (url: string, registered: Registered) => Promise<Opening>;
  readonly compositors: TestCompositors;
  readonly region: Region;
  readonly observations: Observations;
  /** Aborts when the time is over. */
  readonly over: AbortSignal;
  /** Aborts later: until then, a request under way may end. */
  readonly stop: AbortSignal;
}
