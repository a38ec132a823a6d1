// Reads TAP with tap's own parser: counts the results and tells of them as they come, a line a file and all of what failed.
import { inspect } from 'node:util';
import { Parser } from 'tap-parser';

/**
 * What counts is an assertion, at any depth; the line that closes a subtest or a file repeats what is inside it, and counts
 * only when it failed and nothing inside did (a timeout, a crash, a wrong plan). `todo` counts as skipped. `empty`
 * are the files without one assertion.
 *
 * @param input a stream of TAP
 * @param tell called with each line to print
 */
export async function readTap(input, tell) {
  const counts = { passed: 0, failed: 0, skipped: 0, empty: [] };
  const parser = new Parser();
  read(parser, { counts, tell, trail: [] });
  const ended = new Promise((resolve) => parser.on('complete', resolve));
  input.on('data', (chunk) => parser.write(chunk));
  input.on('end', () => parser.end());
  await ended;
  return counts;
}

function read(parser, { counts, tell, trail }) {
  let inside;
  parser.on('child', (child) => {
    inside = { ...counts };
    read(child, { counts, tell, trail: [...trail, child.name] });
  });
  parser.on('assert', (result) => {
    const kind = kindOf(result);
    // Every line at the top is a file, also one that crashed before its first subtest.
    const before = trail.length === 0 ? (inside ?? { ...counts }) : inside;
    inside = undefined;
    if (!before) {
      counts[kind]++;
      if (kind === 'failed') tell(failure(trail, result));
    } else if (kind === 'failed' && counts.failed === before.failed) {
      counts.failed++;
      tell(failure(trail, result));
    } else if (trail.length === 0 && sum(counts) === sum(before)) {
      counts.empty.push(result.name);
    }
    if (trail.length === 0) tell(`${result.ok ? 'ok    ' : 'FAILED'} ${seconds(result.time)} ${result.name}`);
  });
}

function failure(trail, result) {
  const { source, stack, at, ...diag } = result.diag ?? {};
  const place = at ? `${at.fileName}:${at.lineNumber}` : (stack ?? '');
  const about = Object.entries(diag).map(
    ([key, value]) =>
      `    ${key}: ${typeof value === 'string' ? value.replaceAll('\n', '\n      ') : inspect(value, { depth: 6 })}`,
  );
  return [`\nFAILED ${[...trail, result.name].join(' > ')}\n    ${place}`, ...about, source ?? ''].join('\n');
}

function seconds(ms) {
  return `${((ms ?? 0) / 1000).toFixed(1).padStart(6)} s`;
}

function kindOf(result) {
  if (result.skip || result.todo) return 'skipped';
  return result.ok ? 'passed' : 'failed';
}

function sum({ passed, failed, skipped }) {
  return passed + failed + skipped;
}
