import type { Static } from '@sinclair/typebox';
import type { CompositorBearer } from '../domain/bearers.ts';
import type { StaticCompositor } from '../domain/registration.ts';
import type { SettingsSchema } from './settings-schema.ts';

/** All settings of the daemon; durations in seconds, sizes in bytes. */
export type Settings = Static<typeof SettingsSchema>;

export interface Config {
  readonly settings: Settings;
  /** The static compositors; they hold no lease. */
  readonly compositors: readonly StaticCompositor[];
  /** What the daemon shows to some of them. */
  readonly bearers?: ReadonlyMap<string, CompositorBearer>;
  /** What is allowed, and hardly meant: a line each, for the log. */
  readonly warnings?: readonly string[];
}
