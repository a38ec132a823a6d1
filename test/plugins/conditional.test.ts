import t from 'tap';
import { isFresh } from '../../src/plugins/conditional.ts';

t.test('If-None-Match is compared weakly, over lists, and * is anything', async (t) => {
  const etag = '"1-00000000@1a2b3c4d"';
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, `"x",W/${etag} ,"y"`, '*', ' * '])
    t.equal(isFresh(header, etag), true, header);
  for (const header of [undefined, '', '"x"', '1-00000000@1a2b3c4d', 'W/"x"', '"*"'])
    t.equal(isFresh(header, etag), false, header ?? 'none');
});

// What went wrong: servers that compress on the way name the coding in the ETag, and the daemon never found it fresh.
t.test('the name of a coding at the end of an ETag does not count', async (t) => {
  const own = ['"1-00000000@1a2b3c4d"', '"n4bQgYhMfWWaL-qgxVrQFa"', 'W/"1042-9f3a2c1b"', '"a-gzip"'];
  for (const etag of own)
    for (const coding of ['-gzip', '--gzip', ';gzip', '-br', '-zstd', '-deflate'])
      for (const weak of ['', 'W/']) {
        const seen = weak + etag.replace(/^W\//, '').replace(/"$/, `${coding}"`);
        t.equal(isFresh(`"x", ${seen}`, etag), true, `${seen} of ${etag}`);
      }
  for (const header of [
    '"1-00000000-gzipped"',
    '"1-00000000-gzip',
    '"1-00000001-gzip"',
    '"-gzip"',
    '"1-00000000gzip"',
  ])
    t.equal(isFresh(header, '"1-00000000"'), false, header);
});
