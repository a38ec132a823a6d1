// The page of the API below /docs: what it shows, what it keeps, and where it works.
import { createHash } from 'node:crypto';
import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { openDocs } from './docs-page.ts';

const browser = await startBrowser(t);

t.test('a token that is entered stays, and a session begins with it', async (t) => {
  const token = 'cmp_7XJ0kqExample';
  const hash = createHash('sha256').update(token).digest('hex');
  const { app } = await build(t, { settings: { auth: [{ name: 'docs', hash, scopes: ['read', 'write'] }] } });
  const url = await app.listen();
  const { page, execute } = await openDocs(t, browser, url, /status of 401/);
  t.equal((await execute('listCompositors')).status, 401);
  await page.locator('.btn.authorize').first().click();
  await page.locator('.auth-container input[aria-label="auth-bearer-value"]').fill(token);
  await page.locator('.auth-btn-wrapper button.authorize').first().click();
  await page.locator('.auth-btn-wrapper .btn-done').first().click();
  await page.reload();
  t.equal((await execute('putCompositor')).status, 201, 'also after the page was loaded again');
  const changes = await execute('getChanges');
  t.equal(changes.status, 200, 'and what is filled in comes from this daemon');
  t.equal((await execute('beginSession')).status, 204);
});

t.test('it works below a path', async (t) => {
  const { app } = await build(t, { settings: { basePath: '/geo/map' } });
  const url = await app.listen();
  const { execute } = await openDocs(t, browser, url);
  for (const operationId of ['getHealth', 'getChanges', 'streamManifest', 'putCompositor'])
    t.match(String((await execute(operationId)).status), /^20[01]$/, operationId);
});

t.test('it has a title of its own, and a filter', async (t) => {
  const { app } = await build(t, { settings: { name: 'A & <b>' } });
  const { page } = await openDocs(t, browser, await app.listen());
  t.equal(await page.title(), 'A & <b>: API');
  await page.locator('.operation-filter-input').fill('regions');
  await page.locator('[id="operations-tag-compositors"]').waitFor({ state: 'detached' });
  t.equal(await page.locator('[id="operations-tag-regions"]').count(), 1, 'it finds what has this tag');
});
