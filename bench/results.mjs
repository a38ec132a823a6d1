import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { draw } from './draw.mjs';
import { aboutLine, figuresPage } from './figures.mjs';
import { median } from './measure.mjs';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const PICTURES = fileURLToPath(new URL('../docs/performance/', import.meta.url));

/**
 * Joins the rows of several runs: of each figure the run in the middle by its ratio, with the lowest and the highest ratio
 * as `spread`.
 */
export function middleRun(runs) {
  return runs[0].map(({ what, beside }) => {
    const rows = runs
      .map((run) => run.find((row) => row.what === what && row.beside === beside))
      .filter(Boolean);
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

/**
 * Writes `results/<bench>.json`, draws it for docs/performance.md, and writes the page of all figures. The next run of that bench
 * replaces them.
 */
export function keep(bench, about, rows) {
  const figures = rows.map((row) => ({ ...row, reached: reached(row) }));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}${bench}.json`, `${JSON.stringify({ bench, ...about, figures }, null, 2)}\n`);
  const picture = draw(bench, aboutLine(about), figures);
  mkdirSync(PICTURES, { recursive: true });
  if (picture !== undefined) writeFileSync(`${PICTURES}${bench}.svg`, picture);
  const kept = readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(RESULTS + name, 'utf8')));
  writeFileSync(`${PICTURES}figures.md`, figuresPage(kept));
}
