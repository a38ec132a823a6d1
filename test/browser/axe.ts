import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** `all` is WCAG 2.2 A and AA, and the best practices of axe; `colours` what another theme can change. */
export type Rules = 'all' | 'colours';

/** Nothing that axe knows of keeps people from using the page as it is now. */
export async function accessible(t: Test, page: Page, state: string, rules: Rules = 'all'): Promise<void> {
  await page.evaluate(SOURCE);
  const only = rules === 'all' ? {} : { runOnly: ['color-contrast'] };
  const findings = await page.evaluate<{ rule: string; what: string[] }[]>(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'], ...${JSON.stringify(only)} });
    return violations.map(({ id, nodes }) => ({
      rule: id,
      what: nodes.map(({ target, failureSummary }) => target.join(' ') + ': ' + failureSummary),
    }));
  })()`);
  t.strictSame(findings, [], `${state}: axe finds nothing`);
}
