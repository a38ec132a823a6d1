// A page of another origin loads pictures as PixiJS does: with CORS, and decoded by a real browser.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { drawBrick } from '../../src/pattern/brick-picture.ts';
import { encodePng } from '../../src/services/bricks/png.ts';
import { servePage, startBrowser } from '../support/browser.ts';
import { build } from '../support/build.ts';
import { temporaryFolder } from '../support/daemon.ts';

t.test('pictures that are there, and pictures that are drawn', { timeout: 110_000 }, async (t) => {
  const from = await temporaryFolder(t);
  await mkdir(join(from, 'queue'));
  await writeFile(join(from, 'queue/wall.rts.png'), await encodePng(drawBrick('any', 40), 40));
  await writeFile(
    join(from, 'queue/wall.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30"><rect width="30" height="30"/></svg>',
  );
  const { app } = await build(t, { settings: { bricks: { from } } });
  const url = await app.listen();
  const browser = await startBrowser(t);
  const page = await browser.open(await servePage(t, '<!doctype html><title>A page</title>'));
  const load = (brick: string) =>
    page.evaluate(
      `(async () => {
        const image = new Image();
        image.crossOrigin = 'anonymous';
        image.src = ${JSON.stringify(`${url}/builder/queue/${brick}?t=1`)};
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return { size: image.naturalWidth, corner: context.getImageData(0, 0, 1, 1).data[3] };
      })()`,
    );
  t.strictSame(await load('wall.rts.png'), { size: 40, corner: 0 });
  t.match(await load('wall.svg'), { size: 30, corner: 255 });
  t.strictSame(await load('system_core'), { size: 100, corner: 0 }, 'drawn, with round corners');
});
