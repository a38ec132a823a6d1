import { ask, type Question } from './deployment.ts';
import type { RefusalEvidence } from './evidence.ts';
import type { ProbeOptions } from './lease-probe.ts';
import type { Region } from './region.ts';

interface Bad {
  readonly what: string;
  readonly path: string;
  readonly question: Question;
  readonly wanted: RefusalEvidence['wanted'];
}

/** Sends every URL what it must refuse, and looks whether it did anything of it. */
export async function probeRefusals(
  urls: readonly string[],
  region: Region,
  row: number,
  { crew, evidence, signal }: ProbeOptions,
): Promise<void> {
  const id = crew.id('refused');
  if (!(await crew.join({ id, signal }))) return;
  for (const url of urls) {
    for (const { what, path, question, wanted } of badRequests(id, region, row)) {
      if (signal.aborted) return;
      const { status, code, body } = await ask(url, path, question);
      const errors = (body as { errors?: { field?: unknown }[] } | undefined | null)?.errors ?? [];
      const fields = errors.map(({ field }) => String(field));
      const effect = await effectOn(url, region.row(row));
      evidence.refusals.push({ url, what, wanted, status, code, fields, effect });
    }
  }
}

function badRequests(id: string, region: Region, row: number): Bad[] {
  const key = region.key(row, 0);
  const tiles = `/compositors/${id}/tiles`;
  const good = { brick: 'refused.png' };
  const patch = (body: unknown): Question => ({ method: 'PATCH', body });
  const invalid = (field?: string) => ({
    status: 400,
    code: 'invalid-request',
    ...(field !== undefined && { field }),
  });
  const stranger = `/compositors/${id}.stranger`;
  return [
    {
      what: 'half a cell',
      path: tiles,
      question: patch({ [key]: good, '1.5,2': good }),
      wanted: invalid('/1.5,2'),
    },
    {
      what: 'minus zero',
      path: tiles,
      question: patch({ [key]: good, '-0,1': good }),
      wanted: invalid('/-0,1'),
    },
    {
      what: 'a line break in a brick',
      path: tiles,
      question: patch({ [key]: { brick: 'a\n\nevent: bye' } }),
      wanted: invalid(`/${key}/brick`),
    },
    {
      what: 'an unknown field',
      path: tiles,
      question: patch({ [key]: { ...good, owner: 'me' } }),
      wanted: invalid(`/${key}/owner`),
    },
    { what: 'broken JSON', path: tiles, question: patch(`{"${key}":`), wanted: invalid() },
    {
      what: 'a body of another type',
      path: tiles,
      question: { ...patch('x'), headers: { 'content-type': 'text/plain' } },
      wanted: { status: 415, code: 'unsupported-media-type' },
    },
    {
      what: 'a registration with an unknown field',
      path: stranger,
      question: { method: 'PUT', body: { name: 'A', nmae: 'B' } },
      wanted: invalid('/nmae'),
    },
    {
      what: 'tiles of nobody',
      path: `${stranger}/tiles`,
      question: patch({ [key]: good }),
      wanted: { status: 404, code: 'not-found' },
    },
    { what: 'a view of three numbers', path: '/manifest?view=1,2,3', question: {}, wanted: invalid('view') },
    { what: 'a cursor that is none', path: '/manifest?at=yesterday', question: {}, wanted: invalid('at') },
    {
      what: 'a cursor from the future',
      path: '/manifest/changes?since=9000000000000000-00000000',
      question: {},
      wanted: { status: 410, code: 'cursor-gone' },
    },
    {
      what: 'a method that is not there',
      path: '/manifest',
      question: { method: 'DELETE' },
      wanted: { status: 405, code: 'method-not-allowed' },
    },
  ];
}

/** Nobody else writes into this row, so whatever is in it came of a refused request. */
async function effectOn(url: string, row: string): Promise<string> {
  const answer = await ask(url, `/manifest?view=${row}`);
  if (answer.status !== 200) return '';
  const keys = Object.keys((answer.body as { tiles: object }).tiles);
  return keys.length === 0 ? '' : `it wrote ${keys.join(' ')}`;
}
