/** One thing that is wrong with the configuration. */
export interface Problem {
  /** `compositord.yaml:3:9`, `COMPOSITORD_LISTEN` or `--listen`. */
  readonly where: string;
  readonly message: string;
}

export function formatProblem({ where, message }: Problem): string {
  return `${where}: ${message}`;
}
