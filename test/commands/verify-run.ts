import { commandLine } from '../../src/commands/command-line.ts';
import type { Report } from '../../src/commands/verify/report.ts';
import { FakeTerminal } from './fake-terminal.ts';

export interface Run {
  readonly code: number | undefined;
  readonly report: Report;
  /** The names of the promises with that result. */
  readonly named: (result: string) => string[];
}

/** Runs `compositord verify --json` as its users do. */
export async function runVerify(urls: readonly string[], seconds = 4): Promise<Run> {
  const terminal = new FakeTerminal();
  const code = await commandLine(['verify', ...urls, '--seconds', String(seconds), '--json'], terminal);
  const report = JSON.parse(terminal.out) as Report;
  const named = (result: string) =>
    report.promises.filter((promise) => promise.result === result).map(({ name }) => name);
  return { code, report, named };
}
