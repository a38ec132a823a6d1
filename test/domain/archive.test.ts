import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ArchiveError, EMPTY_PART, type ArchiveHeader, type ArchivePart } from '../../src/domain/archive.ts';
import { ArchiveDecoder } from '../../src/domain/archive-decoder.ts';
import { ArchiveEncoder } from '../../src/domain/archive-encoder.ts';
import { encodeCommit } from '../../src/domain/commit.ts';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import type { Manifest } from '../../src/domain/patch.ts';
import { compositor, region, tile } from '../contract/samples.ts';
import { cellKey, chains, same, type Chain } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** What an archive may hold: ids as the API takes them. */
const good = chains(cellKey).map((chain) => {
  const state = chain.states.at(-1)!;
  for (const [key, { compositor, brick }] of state.tiles)
    if (compositor.startsWith('_') || brick === '') state.tiles.delete(key);
  for (const [id, { compositor }] of state.regions) if (compositor.startsWith('_')) state.regions.delete(id);
  for (const id of state.compositors.keys()) state.compositors.set(id, compositorNamed(id));
  state.compositors.delete('__proto__');
  const last = chain.commits.at(-1);
  const digest = formatDigest(digestOf(state.tiles));
  return {
    state,
    chain: last ? { ...chain, commits: [...chain.commits.slice(0, -1), { ...last, digest }] } : chain,
  };
});

function compositorNamed(id: string) {
  return compositor(id, { name: id });
}

interface Content {
  readonly state: Manifest;
  readonly chain: Chain;
}

function headerOf({ state, chain }: Content, counts: Partial<ArchiveHeader['counts']> = {}): ArchiveHeader {
  return {
    head: chain.commits.at(-1)?.cursor ?? chain.base,
    digest: formatDigest(digestOf(state.tiles)),
    createdAt: '2026-11-29T00:00:00.000Z',
    store: 'embedded',
    version: '1.2.3',
    degraded: false,
    counts: {
      compositors: state.compositors.size,
      regions: state.regions.size,
      leases: 1,
      tiles: state.tiles.size,
      commits: chain.commits.length,
      ...counts,
    },
  };
}

const LEASE = { id: 'a', generation: 'g1', deadline: 1_700_000_000_000 };

function archiveOf(content: Content, header = headerOf(content)): string[] {
  const encoder = new ArchiveEncoder();
  const { state, chain } = content;
  const text =
    encoder.begin(header) +
    encoder.part({ compositors: [...state.compositors] }) +
    encoder.part({ regions: [...state.regions], leases: [LEASE] }) +
    encoder.part({ tiles: [...state.tiles], commits: chain.commits }) +
    encoder.end();
  return text.trimEnd().split('\n');
}

function read(lines: readonly string[]): { decoder: ArchiveDecoder; content: ArchivePart } {
  const decoder = new ArchiveDecoder();
  let content = EMPTY_PART;
  for (const line of lines) {
    const part = decoder.take(line);
    content = {
      compositors: [...content.compositors, ...part.compositors],
      regions: [...content.regions, ...part.regions],
      leases: [...content.leases, ...part.leases],
      tiles: [...content.tiles, ...part.tiles],
      commits: [...content.commits, ...part.commits],
    };
  }
  decoder.finish();
  return { decoder, content };
}

law(t, 'everything comes back from an archive as it went in', [good], (content) => {
  const back = read(archiveOf(content));
  const { compositors, regions, tiles, leases, commits } = back.content;
  same(
    { compositors: new Map(compositors), regions: new Map(regions), tiles: new Map(tiles) },
    content.state,
  );
  assert.deepEqual(leases, [LEASE]);
  assert.deepEqual(commits.map(encodeCommit), content.chain.commits.map(encodeCommit));
  assert.deepEqual({ ...back.decoder.header }, { archive: 'compositord', format: 1, ...headerOf(content) });
});

law(
  t,
  'an archive with a line cut, changed, dropped, doubled or moved is refused',
  [good, fc.nat(), fc.nat()],
  (content, line, at) => {
    const lines = archiveOf(content);
    const i = line % lines.length;
    const text = lines[i]!;
    const j = at % text.length;
    const changed = `${text.slice(0, j)}${text[j] === '1' ? '2' : '1'}${text.slice(j + 1)}`;
    for (const damaged of [
      lines.slice(0, i),
      lines.with(i, text.slice(0, j)),
      lines.with(i, changed),
      lines.toSpliced(i, 1),
      lines.toSpliced(i, 0, text),
      lines.with(i, lines.at(i - 1)!).with(i - 1, text),
      [...lines, ''],
    ])
      assert.throws(() => read(damaged), ArchiveError, JSON.stringify(damaged).slice(0, 300));
  },
);

const wall: Content = {
  state: {
    compositors: new Map([['wall', compositor('wall')]]),
    regions: new Map([['Ra', region('wall', '0,0,9,9')]]),
    tiles: new Map([['0,0', tile('a')]]),
  },
  chain: { base: '7-00000000', states: [], commits: [] },
};

t.test('one without commits is of whatever head it says', async (t) => {
  const { decoder } = read(archiveOf(wall));
  t.equal(decoder.header?.head, '7-00000000');
  t.equal(decoder.last, undefined);
});

t.test('what is no archive, or of a newer compositord, says so', async (t) => {
  for (const [text, message] of [
    ['', 'is no archive of compositord'],
    ['[]', 'is no archive of compositord'],
    ['{"end":{}}', 'is no archive of compositord'],
    ['{"archive":"tar","format":1}', 'is no archive of compositord'],
    ['{"archive":"compositord","format":1}', 'is damaged in its first line'],
    [
      '{"archive":"compositord","format":2}',
      'has format 2, and this compositord knows only 1: use the newer compositord that wrote it',
    ],
  ] as const)
    t.throws(() => read([text]), { name: 'ArchiveError', message }, text);
  t.throws(() => read([]), { message: 'is empty' });
});

t.test('one made by hand, with good checksums, holds nothing that the daemon could not serve', async (t) => {
  const parts: [Partial<Record<keyof ArchivePart, unknown>>, RegExp][] = [
    [{ tiles: [['0,00', tile('a')]] }, /no tile/],
    [{ tiles: [['2147483648,0', tile('a')]] }, /no tile/],
    [{ tiles: [['0,0', { ...tile('a'), brick: '' }]] }, /no tile/],
    [{ tiles: [['0,0', { ...tile('a'), timestamp: '1' }]] }, /no tile/],
    [{ tiles: [['0,0', { ...tile('a'), compositor: '__proto__' }]] }, /no tile/],
    [{ tiles: [['0,0', null]] }, /no tile/],
    [{ tiles: [['0,0', tile('a'), 1]] }, /no tile/],
    [{ tiles: ['0,0'] }, /no tile/],
    [{ compositors: [['wall', { ...compositor('wall'), id: 'desk' }]] }, /no compositor/],
    [{ compositors: [['wall', { ...compositor('wall'), generation: 'a:b' }]] }, /no compositor/],
    [{ compositors: [['wall', { ...compositor('wall'), labels: [] }]] }, /no compositor/],
    [{ compositors: [['wall', { ...compositor('wall'), ttl: -1 }]] }, /no compositor/],
    [{ regions: [['Ra', { ...region('wall', '0,0,9,9'), rect: 'x' }]] }, /no region/],
    [{ regions: [['wall', region('wall', '0,0,9,9')]] }, /no region/],
    [{ leases: [{ id: 'wall', generation: 'a:b', deadline: 1 }] }, /no lease/],
    [{ leases: [{ id: 'wall', generation: 'a', deadline: 'soon' }] }, /no lease/],
    [{ tiles: [['0,0', tile('a')], ['1,0', tile('a')]] }, /^holds more than its 1 tiles$/], // prettier-ignore
    [{}, /^holds 0 of its 1 compositors$/],
  ];
  for (const [part, message] of parts) {
    const encoder = new ArchiveEncoder();
    const lines = [encoder.begin(headerOf(wall)), encoder.part(part as ArchivePart), encoder.end()];
    t.throws(() => read(lines.join('').trimEnd().split('\n')), { name: 'ArchiveError', message });
  }
});

t.test('other tiles than the log left are refused, and so is a log that breaks off', async (t) => {
  const [chain] = fc.sample(
    chains(cellKey, 8).filter(({ commits }) => commits.length > 2),
    1,
  );
  const content: Content = {
    state: { ...wall.state, tiles: new Map([['5,5', tile('other')]]) },
    chain: chain!,
  };
  t.throws(() => read(archiveOf(content)), { message: /^holds other tiles than / });
  const commits = chain!.commits.toSpliced(1, 1);
  t.throws(() => read(archiveOf({ ...content, chain: { ...chain!, commits } })), {
    message: /does not follow/,
  });
  const header = { ...headerOf(content), head: '99-00000000' as const };
  t.throws(() => read(archiveOf(content, header)), {
    message: /^says its head is 99-00000000, but its log ends at /,
  });
});
