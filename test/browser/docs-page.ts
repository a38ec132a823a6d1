import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { CEILING, type TestBrowser } from '../support/browser.ts';

/** What came of an operation that was executed on /docs. */
export interface Executed {
  /** Undefined: it has no button. */
  readonly status: number | undefined;
  /** The reply as the page shows it; what is wrong when nothing was sent. */
  readonly text: string;
  /** The parameters that were filled in before anybody typed. */
  readonly filled: readonly string[];
}

/**
 * In the page, since a click of Playwright waits for frames, which take long on a busy machine. A text, not a function: the browser's
 * types are not here.
 */
const DRIVER = `
  const until = (find) => new Promise((done) => {
    const look = () => {
      const found = find();
      if (!found) return;
      observer.disconnect();
      done(found);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  });
  const type = (input, value) => {
    // React looks at the setter of the prototype alone.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    // The page waits a moment for more letters, but not once the field was left.
    input.dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
  };
  globalThis.executeOperation = async (id, values) => {
    const block = await until(() => document.querySelector('.opblock[id$="-' + id + '"]'));
    const head = block.querySelector('.opblock-summary-control');
    head.click();
    await until(() => block.querySelector('.opblock-section, .responses-wrapper'));
    const rows = [...block.querySelectorAll('.parameters tbody tr')];
    const inputs = rows.map((row) => [row.dataset.paramName, row.querySelector('input, select, textarea')]);
    const filled = inputs.filter(([, input]) => input?.value).map(([name]) => name);
    for (const [name, value] of Object.entries(values)) type(inputs.find((each) => each[0] === name)[1], value);
    const button = block.querySelector('.execute');
    let status;
    let text = '';
    if (button) {
      button.click();
      const answer = await until(() =>
        block.querySelector('.live-responses-table tbody .response-col_status, .validation-errors'),
      );
      const number = parseInt(answer.textContent);
      status = Number.isNaN(number) ? 0 : number;
      text = status === 0 ? answer.textContent : block.querySelector('.live-responses-table tbody .response-col_description').textContent;
    }
    head.click();
    return { status, text, filled };
  };
`;

export interface DocsPage {
  readonly page: Page;
  /** Clicks on an operation, on Execute, and waits for the answer. `values` are typed into parameters first. */
  readonly execute: (operationId: string, values?: Readonly<Record<string, string>>) => Promise<Executed>;
}

/** Opens /docs of the daemon at `url`. Errors in its console fail the test, but for replies that `allow` names. */
export async function openDocs(
  t: Test,
  { context }: TestBrowser,
  url: string,
  allow: RegExp = /^$/,
): Promise<DocsPage> {
  const page = await context.newPage();
  t.after(() => page.close());
  page.setDefaultTimeout(2 * CEILING);
  page.on('pageerror', (error) => t.fail(`the page throws: ${String(error)}`));
  page.on('console', (message) => {
    const line = `${message.text()} (${message.location().url})`;
    if (message.type() === 'error' && !allow.test(line)) t.fail(`the browser complains: ${line}`);
  });
  await page.addInitScript(DRIVER);
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', (event) => console.error('violates', event.violatedDirective, event.blockedURI))
  `);
  await page.goto(`${url}/docs`);
  await page.locator('.opblock').first().waitFor();
  const execute: DocsPage['execute'] = (operationId, values = {}) =>
    page.evaluate<Executed>(`executeOperation(${JSON.stringify(operationId)}, ${JSON.stringify(values)})`);
  return { page, execute };
}
