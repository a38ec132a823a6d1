import { Type } from '@sinclair/typebox';
import { closed } from '../parameters.ts';
import { cursor, printable } from './text.ts';

/** Any JSON value. */
const anything = (description: string, examples: unknown[]) => Type.Unknown({ description, examples });

export const CommandSchema = Type.Object(
  {
    command: printable(1, 128, {
      description: 'What to do; which commands there are, its program says.',
      examples: ['reload'],
    }),
    params: Type.Optional(anything('Any JSON value; what it means, the command says.', [{ scene: 'lobby' }])),
    timeout: Type.Number({
      minimum: 0.1,
      maximum: 60,
      default: 10,
      description: 'Seconds that it may take, the time in line with others included.',
      examples: [10],
    }),
  },
  {
    ...closed,
    $id: 'Command',
    description: 'A command for a compositor.',
    examples: [{ command: 'reload', params: { scene: 'lobby' }, timeout: 10 }],
  },
);

export const CommandResultSchema = Type.Object(
  {
    id: Type.String({
      description: 'What the compositor was told as the id of the command.',
      examples: ['V1StGXR8_Z5jdHi6B-myTg'],
    }),
    ok: Type.Boolean({ description: 'False: the compositor says that it failed.', examples: [true] }),
    answer: anything('What the compositor answered, any JSON value.', [{ reloaded: 12 }]),
    error: Type.Optional(
      Type.String({ description: 'Why it failed, in one line.', examples: ['HTTP status 500'] }),
    ),
    took: Type.Number({ description: 'Seconds from sending it to the answer.', examples: [0.014] }),
    cursor: Type.Unsafe<string | null>({
      ...cursor(),
      type: ['string', 'null'],
      description:
        'The newest commit for this compositor between sending and answer; null when there was none, or none that this replica has heard of.',
    }),
  },
  {
    $id: 'CommandResult',
    description: 'What came of a command.',
    examples: [
      {
        id: 'V1StGXR8_Z5jdHi6B-myTg',
        ok: true,
        answer: { reloaded: 12 },
        took: 0.014,
        cursor: '1042-9f3a2c1b',
      },
    ],
  },
);
