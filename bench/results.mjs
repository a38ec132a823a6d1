import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { draw } from './draw.mjs';
import { median } from './measure.mjs';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const PICTURES = fileURLToPath(new URL('../docs/performance/', import.meta.url));

/**
 * Joins the rows of several runs: of each figure the run in the middle by its ratio, with the lowest and the highest ratio
 * as `spread`.
 */
export function middleRun(runs) {
  return runs[0].map(({ what }) => {
    const rows = runs.map((run) => run.find((row) => row.what === what)).filter(Boolean);
    const ratios = rows.map(({ ratio }) => ratio).filter((ratio) => typeof ratio === 'number');
    if (ratios.length === 0) return rows[0];
    const middle = median(ratios);
    const row = rows.find(({ ratio }) => ratio === middle);
    return { ...row, spread: [Math.min(...ratios), Math.max(...ratios)] };
  });
}

/** Whether the row reaches its target; undefined when it has none that is a number. */
export function reached({ ratio, target, atMost = false }) {
  if (typeof ratio !== 'number' || typeof target !== 'number') return undefined;
  return atMost ? ratio <= target : ratio >= target;
}

/** Writes `results/<bench>.json` and draws it for docs/performance.md; the next run of that bench replaces both. */
export function keep(bench, about, rows) {
  const figures = rows.map((row) => ({ ...row, reached: reached(row) }));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}${bench}.json`, `${JSON.stringify({ bench, ...about, figures }, null, 2)}\n`);
  const { date, node, cores, runs, load } = about;
  const line = `${date.slice(0, 10)}, Node ${node}, ${cores} cores, ${runs === 1 ? 'one run' : `the middle of ${runs} runs`}, load average ${load.before.split(' ')[0]} before`;
  const picture = draw(bench, line, figures);
  if (picture === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(`${PICTURES}${bench}.svg`, picture);
}
