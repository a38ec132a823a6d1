/** One thing that is wrong with the configuration. */
export interface Problem {
  /** `compositord.yaml:3:9`, `COMPOSITORD_LISTEN` or `--listen`. */
  readonly where: string;
  readonly message: string;
}

export function formatProblem({ where, message }: Problem): string {
  return `${where}: ${message}`;
}

/** A value as the operator wrote it. */
export interface RawValue {
  readonly value: unknown;
  readonly where: string;
  /** The value came as text (a flag, the environment): `8760` may be a number. */
  readonly asText: boolean;
}

export interface RawCompositor {
  /** The section's key; absent for a compositor from a list or from flags. */
  readonly key?: string;
  readonly where: string;
  readonly fields: ReadonlyMap<string, RawValue>;
}

/** The configuration of one source (the flags, the environment, a file), before validation. */
export interface RawConfig {
  /** By the setting's path. */
  readonly settings: Map<string, RawValue>;
  readonly compositors: RawCompositor[];
  readonly problems: Problem[];
}

export function emptyRawConfig(): RawConfig {
  return { settings: new Map(), compositors: [], problems: [] };
}
