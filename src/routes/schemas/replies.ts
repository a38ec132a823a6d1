import { Type, type TSchema } from '@sinclair/typebox';
import type { ErrorKind } from '../../domain/errors.ts';
import { PROBLEM_TYPE } from '../../plugins/problem.ts';
import { PROBLEM_KINDS } from '../../plugins/problems.ts';
import { ref } from './ref.ts';

export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      description: 'A page that explains this kind of error.',
      examples: ['/problems/not-found'],
    }),
    title: Type.String({ description: 'The kind of error in words.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What was wrong this time.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.Unsafe<string>({ type: 'string', enum: ['body', 'query', 'path', 'header'] }),
          field: Type.String({
            description: 'A JSON pointer inside a body; else the name of the parameter.',
            examples: ['/3,-4/brick'],
          }),
          detail: Type.String({ examples: ['must be 1 to 255 printable characters'] }),
        }),
        { maxItems: 20, description: 'What is wrong with the request, one entry a field.' },
      ),
    ),
    oldest: Type.Optional(
      Type.String({
        description: 'Of `cursor-gone`: the oldest cursor still known.',
        examples: ['42-0a1b2c3d'],
      }),
    ),
  },
  {
    $id: 'Problem',
    description: 'What went wrong (RFC 9457).',
    examples: [
      {
        type: '/problems/not-found',
        title: PROBLEM_KINDS['not-found'].title,
        status: 404,
        detail: 'no compositor "wall" is registered',
      },
    ],
  },
);

const HEADERS = {
  'Manifest-Cursor': Type.String({
    description: 'The cursor this reply stands at.',
    examples: ['1042-9f3a2c1b'],
  }),
  ETag: Type.String({ description: 'For `If-None-Match`.', examples: ['"1042-9f3a2c1b"'] }),
  'Manifest-Degraded': Type.String({
    description: '`true`, only while the store is away: this is the last known good.',
    enum: ['true'],
    'x-optional': true,
  }),
  Location: Type.String({ description: 'Where it is now.', examples: ['/compositors/wall'] }),
  Link: Type.String({
    description: 'The next page, `rel="next"`, when there is one.',
    examples: ['</compositors?after=wall>; rel="next"'],
    'x-optional': true,
  }),
  'WWW-Authenticate': Type.String({
    description: 'What it takes.',
    examples: ['Bearer realm="compositord"'],
  }),
  'Idempotent-Replayed': Type.String({
    description: '`true`, only when this is the reply of an earlier request with the same key.',
    enum: ['true'],
    'x-optional': true,
  }),
  'Retry-After': Type.String({ description: 'Seconds after which to try again.', examples: ['1'] }),
} as const;
type HeaderName = keyof typeof HEADERS;

/** What a problem says besides its body. */
const HEADERS_OF: Readonly<Partial<Record<number, readonly HeaderName[]>>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const pick = (names: readonly HeaderName[]) => Object.fromEntries(names.map((name) => [name, HEADERS[name]]));

/** A JSON reply. */
export const json = <T extends TSchema>(
  description: string,
  schema: T,
  headers: readonly HeaderName[] = [],
) => ({
  description,
  headers: pick(headers),
  content: { 'application/json': { schema } },
});

/** A module for browsers. */
export const script = (description: string, headers: readonly HeaderName[] = []) => ({
  description,
  headers: pick(headers),
  content: { 'text/javascript': { schema: { type: 'string' } } },
});

/** A page for browsers. */
export const html = (description: string, headers: readonly HeaderName[] = []) => ({
  description,
  headers: pick(headers),
  content: { 'text/html': { schema: { type: 'string' } } },
});

/** Text for programs that are no browsers. */
export const plainText = (description: string) => ({
  description,
  headers: {},
  content: { 'text/plain': { schema: { type: 'string' } } },
});

/** A reply without a body. */
export const empty = (description: string, headers: readonly HeaderName[] = []) => ({
  description,
  headers: pick(headers),
  type: 'null',
});

/** What a route answers: its successes by status, and a problem for each of these kinds of errors. */
export function replies(successes: Readonly<Record<string, object>>, ...kinds: readonly ErrorKind[]) {
  return openReplies(successes, 'unauthorized', 'forbidden', ...kinds);
}

/** The same for a route that asks nobody for a token. */
export function openReplies(successes: Readonly<Record<string, object>>, ...kinds: readonly ErrorKind[]) {
  // Typed loosely on purpose: handlers send what services give them, and every reply is checked in the tests.
  return { ...successes, ...problems(kinds) } as Record<string, unknown>;
}

/** What every write can be told. One without a body has read what was sent all the same. */
export const WRITE_PROBLEMS = [
  'invalid-request',
  'too-large',
  'unsupported-media-type',
  'store-unavailable',
  'outcome-unknown',
] as const;

/** What a write on behalf of a registered compositor can be told. */
export const HOLDER_PROBLEMS = [...WRITE_PROBLEMS, 'not-found', 'lease-lost'] as const;

/** By status; with those that every route can give. */
function problems(kinds: readonly ErrorKind[]): Record<string, object> {
  const byStatus = new Map<number, ErrorKind[]>();
  for (const kind of new Set<ErrorKind>(['misdirected', 'internal', ...kinds])) {
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
                    detail: 'What was wrong this time.',
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
