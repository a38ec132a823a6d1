import { parseArgs } from 'node:util';
import { describeStall } from './describe.ts';
import { FuzzRun, type FuzzResult } from './fuzz-run.ts';
import type { Footprint } from './footprint.ts';

const HELP = `npm run fuzz -- [--requests 100000] [--seed N] [--seconds S] [--only CASE]
Sends good and hostile requests to every operation of openapi/openapi.yaml, and exits 1 when the daemon does something wrong.`;

/** Runs the fuzz as the command line says; the exit code. */
export async function main(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { requests: text, seed: text, seconds: text, only: text, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seed = Number(values.seed ?? freshSeed());
  console.log(`seed ${seed}`);
  const ends: (() => unknown)[] = [];
  try {
    const result = await FuzzRun.run(
      { teardown: (end) => void ends.unshift(end) },
      {
        seed,
        requests: Number(values.requests ?? 100_000),
        seconds: values.seconds === undefined ? undefined : Number(values.seconds),
        only: values.only === undefined ? undefined : Number(values.only),
        print: (line) => console.log(line),
      },
    );
    console.log(summaryOf(result, seed));
    return result.faults.length === 0 ? 0 : 1;
  } finally {
    for (const end of ends) await end();
  }
}

function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

export function summaryOf(result: FuzzResult, seed: number): string {
  const { before, after } = result;
  const statuses = [...result.byClass].sort().map(([name, count]) => `${name} ${count}`);
  return [
    `${result.requests} requests in ${result.cases} cases, seed ${seed}`,
    `replies: ${statuses.join(', ')}`,
    `longest stall: ${result.longestStall ? describeStall(result.longestStall) : 'none'}`,
    `heap and buffers: ${mib(before.memory)} when warm, ${mib(after.memory)} at the end`,
    `resident: ${mib(before.resident)} when warm, ${mib(after.resident)} at the end`,
    `descriptors: ${count(before)} when warm, ${count(after)} at the end`,
    `${result.faults.length} faults`,
  ].join('\n');
}

function mib(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function count({ descriptors }: Footprint): string {
  return String(descriptors?.length ?? 'unknown');
}
