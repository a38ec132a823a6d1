import { constants } from 'node:zlib';
import type { Area } from '../../src/domain/area.ts';
import type { Lie } from './lying-proxy.ts';
import { SOME, without, type NamedLie } from './find-lies.ts';

interface Patch {
  readonly tiles: Record<string, unknown>;
  readonly areas: Record<string, Area | null>;
}

/** The lies of changes. */
const CHANGE_LIES: readonly NamedLie[] = [
  { what: 'drops changes', breaks: 'cursor', frames: onPatch(() => []) },
  {
    what: 'sends the digest of another map',
    breaks: 'digest',
    frames: () => (frame) => [frame.replace(/"digest":"\d+-/, '$&0')],
  },
  { what: 'sends changes twice', breaks: 'once', frames: onPatch((frame) => [frame, frame]) },
  { what: 'swaps changes', breaks: 'order', frames: swapping },
  {
    what: 'tears a commit in two',
    breaks: 'atomic',
    frames: onPatch((frame) => {
      const [id = '', event = '', ...data] = frame.split('\n');
      const patch = parse(data);
      const half = Object.fromEntries(Object.entries(patch.tiles).slice(0, 3));
      const before = id.replace(/(\d+)-/, (_, n: string) => `${Number(n) - 1}-`);
      return [[before, event, `data: ${JSON.stringify({ ...patch, tiles: half })}`].join('\n'), frame];
    }),
  },
  {
    what: 'sends other bricks than were written',
    breaks: 'agreement',
    frames: () => (frame) => [frame.replace(/tagged\.\d+/g, 'other')],
  },
  { what: 'forgets the id of a reader that comes back', breaks: 'resume', ask: without('last-event-id') },
  {
    what: 'sends data without a bookmark',
    breaks: 'protocol',
    frames: onPatch((frame) => [frame, 'event: patch\ndata: x']),
  },
];

/** The lies of a stream whose view is changed. */
const MOVE_LIES: readonly NamedLie[] = [
  {
    what: 'keeps what left the view',
    breaks: 'moves',
    frames: () => (frame) => (frame.includes('event: view') ? [] : [frame]),
  },
  { what: 'omits what came into view', breaks: 'digest', frames: afterView((frame) => !isPart(frame)) },
  {
    what: 'never says that the new view is complete',
    breaks: 'moves',
    frames: afterView(isPart),
  },
];

/** The lies of an overview. */
const AREA_LIES: readonly NamedLie[] = [
  {
    what: 'counts one tile too many',
    breaks: 'overview',
    frames: onAreas((areas) =>
      changedAreas(areas, (area) => ({
        ...area,
        tiles: area.tiles + 1,
        owners: area.owners.map(([id, tiles], i) => [id, i === 0 ? tiles + 1 : tiles] as const),
      })),
    ),
  },
  {
    what: 'gives a tile to another owner',
    breaks: 'overview',
    frames: onAreas((areas) =>
      changedAreas(areas, (area) => {
        const [[first, most] = ['', 0], [second, count] = ['', 0]] = area.owners;
        if (count === 0) return area;
        const owners = [[first, most + 1] as const, [second, count - 1] as const];
        return { ...area, owners: owners.filter(([, tiles]) => tiles > 0) };
      }),
    ),
  },
  { what: 'leaves an area as it was', breaks: 'overview', frames: onAreas((areas) => areas.slice(1)) },
  {
    what: 'keeps the areas of removed tiles',
    breaks: 'overview',
    frames: onAreas((areas) => areas.filter(([, area]) => area !== null)),
  },
];

/** The lies of a compressed stream. */
const GZIP_LIES: readonly NamedLie[] = [
  { what: 'withholds a compressed frame until the next', breaks: 'compressed', compressed: withholding },
  { what: 'never flushes what it compresses', breaks: 'compressed', flush: constants.Z_NO_FLUSH },
  { what: 'breaks the bytes of a compressed frame', breaks: 'compressed', compressed: breaking },
];

/** The lies of a stream, told to each of its readers. */
export const STREAM_LIES = [...CHANGE_LIES, ...MOVE_LIES, ...AREA_LIES, ...GZIP_LIES];

function onPatch(change: (frame: string) => readonly string[]): NonNullable<Lie['frames']> {
  return () => {
    let count = 0;
    return (frame) => (isTilePatch(frame) && ++count % SOME === 0 ? change(frame) : [frame]);
  };
}

function swapping(): (frame: string) => readonly string[] {
  let held: string | undefined;
  let count = 0;
  return (frame) => {
    if (held !== undefined) {
      const sent = [frame, held];
      held = undefined;
      return sent;
    }
    if (!isTilePatch(frame) || ++count % SOME !== 0) return [frame];
    held = frame;
    return [];
  };
}

/** Drops what is not kept, from the first change of the view on. */
function afterView(keeps: (frame: string) => boolean): NonNullable<Lie['frames']> {
  return () => {
    let moved = false;
    return (frame) => {
      const moves = frame.includes('event: view');
      moved ||= moves;
      return !moved || moves || keeps(frame) ? [frame] : [];
    };
  };
}

/** A patch without an id: what came into view, one part after the other. */
function isPart(frame: string): boolean {
  return frame.startsWith('event: patch');
}

type Areas = readonly (readonly [string, Area | null])[];

function onAreas(change: (areas: Areas) => Areas): NonNullable<Lie['frames']> {
  return () => (frame) => {
    if (!frame.includes('event: patch') || !frame.includes('"areas":')) return [frame];
    const lines = frame.split('\n');
    const data = lines.filter((line) => line.startsWith('data:'));
    const patch = parse(data);
    const areas = Object.fromEntries(change(Object.entries(patch.areas)));
    return [
      [...lines.filter((line) => !data.includes(line)), `data: ${JSON.stringify({ ...patch, areas })}`].join(
        '\n',
      ),
    ];
  };
}

function changedAreas(areas: Areas, change: (area: Area) => Area): Areas {
  return areas.map(([name, area]) => [name, area && change(area)]);
}

function withholding(): (bytes: Buffer) => readonly Buffer[] {
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const sent = held;
    held = bytes;
    return [sent];
  };
}

/** A block of deflate begins with a type that there is not. */
function breaking(): (bytes: Buffer) => readonly Buffer[] {
  let count = 0;
  return (bytes) => [++count % SOME === 0 ? Buffer.from([0xff, ...bytes.subarray(1)]) : bytes];
}

function isTilePatch(frame: string): boolean {
  return frame.startsWith('id: ') && frame.includes('event: patch') && frame.includes('.png');
}

function parse(data: readonly string[]): Patch {
  return JSON.parse(data.map((line) => line.replace(/^data: ?/, '')).join('\n')) as Patch;
}
