import { Type } from '@sinclair/typebox';
import { closed, component, compositorId, ref } from './fields.ts';
import { labels, labelValue, status } from './compositor.ts';
import { ProblemSchema } from './replies.ts';

/** The most compositors of one request. */
export const MOST_AT_ONCE = 1000;

export const SelectionSchema = component(
  'Selection',
  'Which compositors to start or stop: those with these ids, those with these labels, or, with neither, all.',
  {
    ids: Type.Optional(
      Type.Array(compositorId(), {
        maxItems: MOST_AT_ONCE,
        description: 'The ids of the compositors.',
        examples: [['wall', 'door']],
      }),
    ),
    labels: Type.Optional(
      labels(labelValue, {
        type: 'object',
        maxProperties: 64,
        description: 'All of these labels must match.',
      }),
    ),
    after: Type.Optional(
      compositorId({ description: 'Continue after this id: `next` of the previous reply.' }),
    ),
  },
  { ...closed, examples: [{ ids: ['wall'] }] },
);

export const StartStopReportSchema = component('StartStopReport', 'What came of each compositor.', {
  changed: Type.Integer({
    description: 'Number of compositors that were in the other state before.',
    examples: [2],
  }),
  items: Type.Array(
    Type.Object({
      id: compositorId(),
      ok: Type.Boolean({ description: 'False: `problem` says why.', examples: [true] }),
      status: Type.Optional(status({ description: 'The state of the compositor after it.' })),
      problem: Type.Optional(ref(ProblemSchema)),
    }),
  ),
  next: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: '`after` for the next request; null when there are no more.',
  }),
});
