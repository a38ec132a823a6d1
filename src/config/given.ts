import type { Problem } from './problem.ts';

/** A value as it was written somewhere. */
export interface Given {
  readonly value: unknown;
  /** `compositord.yaml:3:9`, `COMPOSITORD_LISTEN` or `--listen`. */
  readonly where: string;
  /** It came as text (a flag, the environment): `8760` may be a number. */
  readonly asText: boolean;
}

export interface GivenCompositor {
  /** The section's key; absent for a compositor of a list or of the flags. */
  readonly key?: string;
  readonly where: string;
  readonly fields: ReadonlyMap<string, Given>;
}

/** What one place (the flags, the environment, a file) says. */
export interface GivenConfig {
  /** By the setting's path. */
  readonly settings: Map<string, Given>;
  readonly compositors: GivenCompositor[];
  readonly problems: Problem[];
}

export function nothingGiven(): GivenConfig {
  return { settings: new Map(), compositors: [], problems: [] };
}
