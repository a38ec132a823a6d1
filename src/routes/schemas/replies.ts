import { Type, type TSchema } from '@sinclair/typebox';
import type { ErrorKind } from '../../domain/errors.ts';
import { STORE_REASONS } from '../../domain/store-error.ts';
import { PICTURE_TYPES } from '../../domain/brick-files.ts';
import { PROBLEM_KINDS, PROBLEM_TYPE } from '../../plugins/problems.ts';
import { REGION_FIELDS, regionId } from './region.ts';
import { CompositorSchema, LeaseSchema } from './compositor.ts';
import { component, cursor, ref } from './fields.ts';

const { rect, compositor, purpose, exclusive } = REGION_FIELDS;

export const ProblemSchema = component('Problem', 'An error (RFC 9457).', {
  type: Type.String({
    description: 'A page that explains this kind of error.',
    examples: ['/problems/not-found'],
  }),
  title: Type.String({
    description: 'The kind of error, in words.',
    examples: [PROBLEM_KINDS['not-found'].title],
  }),
  status: Type.Integer({ description: 'The HTTP status.', examples: [404] }),
  detail: Type.String({
    description: 'What was wrong with this request.',
    examples: ['no compositor "wall" is registered'],
  }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        in: Type.Unsafe<string>({ type: 'string', enum: ['body', 'query', 'path', 'header'] }),
        field: Type.String({
          description: 'A JSON pointer inside a body; else the name of the parameter.',
          examples: ['/3,-4/brick'],
        }),
        detail: Type.String({ examples: ['must be 1 to 255 printable characters, not only blank ones'] }),
      }),
      { maxItems: 20, description: 'What is wrong with the request, one entry per field.' },
    ),
  ),
  oldest: Type.Optional(
    Type.String({
      description: 'For `cursor-gone`: the oldest cursor still known.',
      examples: ['42-0a1b2c3d'],
    }),
  ),
  quota: Type.Optional(
    Type.Object(
      {
        quota: Type.String({
          description: 'The setting; `token.…` for a quota of the token.',
          examples: ['quota.tiles'],
        }),
        limit: Type.Integer({ examples: [200000] }),
        used: Type.Integer({ description: 'Before the write.', examples: [199990] }),
        needed: Type.Integer({ description: 'After the write, were it done.', examples: [200090] }),
      },
      { description: 'For `quota-exceeded`: which quota, and by how much.' },
    ),
  ),
  regions: Type.Optional(
    Type.Array(Type.Object({ id: regionId(), rect, compositor, purpose, exclusive }), {
      maxItems: 20,
      description: 'For `region-taken`: the regions that are in the way.',
    }),
  ),
  reason: Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      enum: Object.keys(STORE_REASONS),
      description: 'For errors of the store: why, where it is known.',
      examples: ['full'],
    }),
  ),
});

const HEADERS = {
  'Manifest-Cursor': Type.String({
    description: 'The cursor that the reply corresponds to.',
    examples: ['1042-9f3a2c1b'],
  }),
  ETag: Type.String({ description: 'For `If-None-Match`.', examples: ['"1042-9f3a2c1b"'] }),
  'Manifest-Degraded': Type.String({
    description: '`true`, only while the store is unreachable: this is the last known manifest.',
    enum: ['true'],
    'x-optional': true,
  }),
  Location: Type.String({ description: 'The URL of the result.', examples: ['/compositors/wall'] }),
  Link: Type.String({
    description: 'The next page, `rel="next"`, if there is one.',
    examples: ['</compositors?after=wall>; rel="next"'],
    'x-optional': true,
  }),
  'WWW-Authenticate': Type.String({
    description: 'How to authenticate.',
    examples: ['Bearer realm="compositord"'],
  }),
  'Idempotent-Replayed': Type.String({
    description: '`true`, only when this is the reply to an earlier request with the same key.',
    enum: ['true'],
    'x-optional': true,
  }),
  'Content-Encoding': Type.String({
    description: 'How it is compressed, if it is; `Accept-Encoding` decides.',
    enum: ['br', 'gzip'],
    'x-optional': true,
  }),
  'Server-Timing': Type.String({
    description: 'From 32 KiB on: milliseconds that it took to make, and to compress.',
    examples: ['make;dur=12.5, compress;dur=3.1'],
    'x-optional': true,
  }),
  'Accept-Ranges': Type.String({
    description: '`bytes`, if ranges of it are served.',
    enum: ['bytes'],
    'x-optional': true,
  }),
  'Content-Range': Type.String({
    description: 'Which bytes these are, and of how many; of how many alone when there are none.',
    examples: ['bytes 0-99/1234'],
  }),
  'Retry-After': Type.String({ description: 'Seconds to wait before trying again.', examples: ['1'] }),
} as const;
type HeaderName = keyof typeof HEADERS;

/** Headers of problems, by status. */
const HEADERS_OF: Readonly<Partial<Record<number, readonly HeaderName[]>>> = {
  401: ['WWW-Authenticate'],
  416: ['Content-Range'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const pick = (names: readonly HeaderName[]) => Object.fromEntries(names.map((name) => [name, HEADERS[name]]));

/** Replies by status. Loosely typed on purpose: handlers send what services return, and the tests check every reply. */
type Replies = Record<string, unknown>;

const content =
  (type: string, schema: object) =>
  (description: string, headers: readonly HeaderName[] = [], status = 200): Replies => ({
    [status]: { description, headers: pick(headers), content: { [type]: { schema } } },
  });

export const json = (
  description: string,
  schema: TSchema,
  headers: readonly HeaderName[] = [],
  status = 200,
) => content('application/json', schema)(description, headers, status);
export const script = content('text/javascript', { type: 'string' });
export const html = content('text/html', { type: 'string' });
/** Bytes in gzip that are a file of their own, whatever the client accepts. */
export const gzipFile = content('application/gzip', { type: 'string', format: 'binary' });
export const plainText = content('text/plain', { type: 'string' });

/** A picture of any type that is served. */
export const picture = (description: string, headers: readonly HeaderName[] = [], status = 200): Replies => ({
  [status]: {
    description,
    headers: pick(headers),
    content: Object.fromEntries(
      PICTURE_TYPES.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
    ),
  },
});

/** A reply without a body. */
export const empty = (status: number, description: string, headers: readonly HeaderName[] = []): Replies => ({
  [status]: { description, headers: pick(headers), type: 'null' },
});

/** A conditional reply: 200 with an ETag, or 304. */
export const withNotModified = (ok: Replies, headers: readonly HeaderName[] = ['ETag']): Replies => ({
  ...ok,
  ...empty(304, 'Not changed since `If-None-Match`.', headers),
});

/** A reply that depends on the manifest. */
export const manifestReply = (description: string, schema: TSchema, headers: readonly HeaderName[] = []) =>
  json(description, schema, [
    ...headers,
    ...(['Manifest-Cursor', 'Manifest-Degraded', 'Content-Encoding', 'Server-Timing'] as const),
  ]);

/** The same, conditional. */
export const manifestReplies = (description: string, schema: TSchema, headers: readonly HeaderName[] = []) =>
  withNotModified(manifestReply(description, schema, ['ETag', ...headers]), ['ETag', 'Manifest-Cursor']);

/** Errors of every write on behalf of a registered compositor. */
export const HOLDER_ERRORS = ['not-found', 'lease-lost'] as const;

/** The replies for these kinds of errors, by status. */
export function problemReplies(kinds: readonly ErrorKind[]): Replies {
  const byStatus = new Map<number, ErrorKind[]>();
  for (const kind of new Set(kinds)) {
    const { status } = PROBLEM_KINDS[kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.map((kind) => `\`${kind}\`: ${PROBLEM_KINDS[kind].title}.`).join(' '),
        headers: pick(HEADERS_OF[status] ?? []),
        content: {
          [PROBLEM_TYPE]: {
            schema: ref(ProblemSchema),
            examples: Object.fromEntries(
              all.map((kind) => [
                kind,
                {
                  value: {
                    type: `/problems/${kind}`,
                    title: PROBLEM_KINDS[kind].title,
                    status,
                    detail: 'What was wrong with this request.',
                  },
                },
              ]),
            ),
          },
        },
      },
    ]),
  );
}

const writeResult = {
  cursor: cursor({ description: 'The commit of this write; the current cursor when it changed nothing.' }),
  changed: Type.Integer({ description: 'Number of entries changed.', examples: [1] }),
};
export const WriteReply = Type.Object(writeResult);
export const DescriptionReply = Type.Object({ ...writeResult, compositor: ref(CompositorSchema) });
export const RegistrationReply = Type.Object({
  ...writeResult,
  compositor: ref(CompositorSchema),
  lease: ref(LeaseSchema),
});
