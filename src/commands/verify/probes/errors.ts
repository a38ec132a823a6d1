import type { HttpRequest } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { Observations } from '../observations.ts';
import type { Region } from '../region.ts';
import { effectOf } from './effect.ts';

type Expected = Observations['errors'][number]['expected'];
type InvalidRequest = readonly [what: string, path: string, request: HttpRequest, expected: Expected];

/** Sends every URL invalid requests, and looks whether they changed anything. */
export async function probeErrors(context: VerifyContext, row: number): Promise<void> {
  const { urls, send, compositors, region, observations, over: signal } = context;
  const id = compositors.id('invalid');
  if (!(await compositors.register({ id, signal }))) return;
  for (const url of urls) {
    for (const [what, path, request, expected] of invalidRequests(id, region, row)) {
      if (signal.aborted) return;
      const { status, code, body } = await send(url, path, request);
      const errors = (body as { errors?: { field?: unknown }[] } | undefined | null)?.errors ?? [];
      const fields = errors.map(({ field }) => String(field));
      // Nothing else writes into this row: any tile in it comes from an invalid request.
      const effect = await effectOf(context, url, `view=${region.row(row)}`, {});
      observations.errors.push({ url, what, expected, status, code, fields, effect });
    }
  }
}

function invalidRequests(id: string, region: Region, row: number): InvalidRequest[] {
  const key = region.key(row, 0);
  const tiles = `/compositors/${id}/tiles`;
  const valid = { brick: 'invalid.png' };
  const patch = (body: unknown): HttpRequest => ({ method: 'PATCH', body });
  const invalid = (field?: string): Expected => ({
    status: 400,
    code: 'invalid-request',
    ...(field !== undefined && { field }),
  });
  const error = (status: number, code: string): Expected => ({ status, code });
  const unknown = `/compositors/${id}.unknown`;
  const farCursor = '9000000000000000-00000000';
  return [
    ['half a cell', tiles, patch({ [key]: valid, '1.5,2': valid }), invalid('/1.5,2')],
    ['minus zero', tiles, patch({ [key]: valid, '-0,1': valid }), invalid('/-0,1')],
    [
      'a line break in a brick',
      tiles,
      patch({ [key]: { brick: 'a\n\nevent: bye' } }),
      invalid(`/${key}/brick`),
    ],
    ['an unknown field', tiles, patch({ [key]: { ...valid, owner: 'me' } }), invalid(`/${key}/owner`)],
    ['broken JSON', tiles, patch(`{"${key}":`), invalid()],
    [
      'a body of another type',
      tiles,
      { ...patch('x'), headers: { 'content-type': 'text/plain' } },
      error(415, 'unsupported-media-type'),
    ],
    [
      'a registration with an unknown field',
      unknown,
      { method: 'PUT', body: { name: 'A', nmae: 'B' } },
      invalid('/nmae'),
    ],
    ['tiles of an unknown id', `${unknown}/tiles`, patch({ [key]: valid }), error(404, 'not-found')],
    ['a view of three numbers', '/manifest?view=1,2,3', {}, invalid('view')],
    ['an invalid cursor', '/manifest?at=yesterday', {}, invalid('at')],
    ['a cursor from the future', `/manifest/changes?since=${farCursor}`, {}, error(410, 'cursor-gone')],
    ['an unsupported method', '/manifest', { method: 'DELETE' }, error(405, 'method-not-allowed')],
  ];
}
