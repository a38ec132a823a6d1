import { isDeepStrictEqual } from 'node:util';
import type { Settings } from './config.ts';
import { SETTINGS, valueOf } from './settings.ts';

/** The settings, by path, that differ between the two and that a running daemon does not take over. */
export function settingsForRestart(running: Settings, wanted: Settings): string[] {
  return SETTINGS.filter(({ schema }) => schema['live'] !== true)
    .filter((setting) => !isDeepStrictEqual(valueOf(running, setting), valueOf(wanted, setting)))
    .map(({ path }) => path);
}
