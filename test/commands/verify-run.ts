import { commandLine } from '../../src/commands/command-line.ts';
import type { Finding } from '../../src/commands/verify/report.ts';
import { FakeTerminal } from './fake-terminal.ts';

export interface Run {
  readonly code: number | undefined;
  readonly finding: Finding;
  /** The names of the promises with that ruling. */
  readonly named: (ruling: string) => string[];
}

/** Runs `compositord verify --json` as its users do. */
export async function runVerify(urls: readonly string[], seconds = 4): Promise<Run> {
  const terminal = new FakeTerminal();
  const code = await commandLine(['verify', ...urls, '--seconds', String(seconds), '--json'], terminal);
  const finding = JSON.parse(terminal.out) as Finding;
  const named = (ruling: string) =>
    finding.promises.filter((promise) => promise.ruling === ruling).map(({ name }) => name);
  return { code, finding, named };
}
