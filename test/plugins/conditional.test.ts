import t from 'tap';
import { isFresh } from '../../src/plugins/conditional.ts';

t.test('If-None-Match is compared weakly, over lists, and * is anything', async (t) => {
  const etag = '"1-00000000@1a2b3c4d"';
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, `"x",W/${etag} ,"y"`, '*', ' * '])
    t.equal(isFresh(header, etag), true, header);
  for (const header of [undefined, '', '"x"', '1-00000000@1a2b3c4d', 'W/"x"', '"*"'])
    t.equal(isFresh(header, etag), false, header ?? 'none');
});
