import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import t from 'tap';
import { isSafeName, PICTURE_TYPES, pictureType } from '../../src/domain/brick-files.ts';
import { hostileString } from '../support/arbitraries.ts';
import { law } from './law.ts';

law(t, 'a safe name is that of a file in the folder it is joined to', [hostileString], (name) => {
  if (!isSafeName(name)) return;
  assert.equal(join('/folder', name), `/folder/${name}`);
  assert.equal(basename(name), name);
  assert.ok(!name.includes('\0') && Buffer.byteLength(name) <= 255);
});

t.test('names of bricks are safe, and ways out of a folder are not', async (t) => {
  const safe = ['wall.rts.png', 'system_core', 'é 1.png', '💥', 'a..b', 'x'.repeat(255)];
  const unsafe = [
    '',
    '.',
    '..',
    '.env',
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    'a\nb',
    'a\u2028b',
    'x'.repeat(256),
    '💥'.repeat(64),
  ];
  t.strictSame([...safe, ...unsafe].filter(isSafeName), safe);
});

t.test('the type of a picture is that of its name, else that of its first bytes', async (t) => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex');
  t.equal(pictureType('wall.rts.png', Buffer.alloc(0)), 'image/png');
  t.equal(pictureType('WALL.JPG', png), 'image/jpeg');
  t.equal(pictureType('wall.svg', Buffer.alloc(0)), 'image/svg+xml');
  for (const [beginning, type] of [
    [png, 'image/png'],
    [Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
    [Buffer.from('GIF89a'), 'image/gif'],
    [Buffer.from('RIFF\x01\x02\x03\x04WEBPVP8 '), 'image/webp'],
    [Buffer.from('\0\0\0\x1cftypavif'), 'image/avif'],
    [Buffer.from('BM'), 'image/bmp'],
    [Buffer.from('<svg>'), undefined],
    [Buffer.from('{"a":1}'), undefined],
    [Buffer.alloc(0), undefined],
  ] as const)
    t.equal(pictureType('system_core', beginning), type, String(type));
  t.equal(pictureType('notes.txt', Buffer.from('hello')), undefined);
  t.equal(pictureType('x.constructor', Buffer.alloc(0)), undefined);
  t.equal(PICTURE_TYPES.length, 7);
});
