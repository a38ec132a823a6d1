import type { Static } from '@sinclair/typebox';
import type { ListedCompositor } from '../domain/registration.ts';
import type { SettingsSchema } from './settings-schema.ts';

export type { ListedCompositor };

/** What the daemon runs by: durations in seconds, sizes in bytes. Its one truth is {@link SettingsSchema}. */
export type Settings = Static<typeof SettingsSchema>;

export interface Config {
  readonly settings: Settings;
  /** Those that the configuration lists; they hold no lease. */
  readonly compositors: readonly ListedCompositor[];
}
