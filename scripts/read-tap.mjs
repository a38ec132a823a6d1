// Reads what one test file says, with tap's own parser.
import { inspect } from 'node:util';
import { Parser } from 'tap-parser';

/**
 * What counts is an assertion, at any depth; the line that closes a subtest repeats what is inside it, and counts only when it
 * failed and nothing inside did (a timeout, a wrong plan). `todo` counts as skipped.
 *
 * @param input a stream of TAP
 * @returns {Promise<{passed: number, skipped: number, failures: string[]}>} each failure as lines for a person
 */
export async function readTap(input) {
  const counts = { passed: 0, skipped: 0, failures: [] };
  const parser = new Parser();
  read(parser, counts, []);
  const complete = new Promise((resolve) => parser.on('complete', resolve));
  input.on('data', (chunk) => parser.write(chunk));
  input.on('close', () => parser.end());
  await complete;
  return counts;
}

function read(parser, counts, trail) {
  let failuresBefore;
  parser.on('child', (child) => {
    failuresBefore = counts.failures.length;
    read(child, counts, [...trail, child.name]);
  });
  parser.on('assert', (result) => {
    const closes = failuresBefore !== undefined;
    const isNews = !closes || counts.failures.length === failuresBefore;
    failuresBefore = undefined;
    if (!result.ok && !result.skip && !result.todo) {
      if (isNews) counts.failures.push(failure(trail, result));
    } else if (!closes) {
      if (result.skip || result.todo) counts.skipped++;
      else counts.passed++;
    }
  });
  parser.on('bailout', (reason) => counts.failures.push(`it bailed out: ${reason}`));
}

function failure(trail, result) {
  const { source, stack, at, ...diag } = result.diag ?? {};
  const place = at ? `${at.fileName}:${at.lineNumber}` : (stack ?? '');
  const about = Object.entries(diag).map(
    ([key, value]) =>
      `    ${key}: ${typeof value === 'string' ? value.replaceAll('\n', '\n      ') : inspect(value, { depth: 6 })}`,
  );
  return [[...trail, result.name].join(' > '), `    ${place}`, ...about, source ?? ''].join('\n');
}
