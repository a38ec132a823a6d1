// What a page leads to is there, and has the heading. A renamed heading had left links that led to the top of a page.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { headingsOf, linksOf, page, PAGES, ROOT } from './pages.ts';

for (const each of PAGES)
  t.test(each.path, async (t) => {
    for (const link of linksOf(each)) {
      const [file = '', heading] = link.split('#');
      t.ok(existsSync(join(ROOT, file)), file);
      if (heading !== undefined && PAGES.some(({ path }) => path === file))
        t.ok(headingsOf(page(file)).includes(heading), link);
    }
    t.match(each.text, /^# /m, 'it has a title');
  });

t.test('every page can be found from the README', async (t) => {
  const found = new Set(['README.md']);
  for (const path of found)
    for (const link of PAGES.some((each) => each.path === path) ? linksOf({ path, text: page(path) }) : [])
      found.add(link.split('#')[0]!);
  for (const { path } of PAGES) t.ok(found.has(path), path);
});
