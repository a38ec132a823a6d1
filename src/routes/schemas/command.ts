import { Type } from '@sinclair/typebox';
import { closed, component, cursor, printable } from './fields.ts';

const anything = (description: string, examples: unknown[]) => Type.Unknown({ description, examples });

export const CommandSchema = component(
  'Command',
  'A command for a compositor.',
  {
    command: printable(1, 128, {
      description: 'The command. Which commands exist depends on the program of the compositor.',
      examples: ['reload'],
    }),
    params: Type.Optional(anything('Parameters of the command: any JSON value.', [{ scene: 'lobby' }])),
    timeout: Type.Number({
      minimum: 0.1,
      maximum: 60,
      default: 10,
      description: 'Maximum duration in seconds, including the time in the queue.',
      examples: [10],
    }),
  },
  closed,
);

export const CommandResultSchema = component('CommandResult', 'The result of a command.', {
  id: Type.String({
    description: 'The id of the command, as sent to the compositor.',
    examples: ['V1StGXR8_Z5jdHi6B-myTg'],
  }),
  ok: Type.Boolean({ description: 'False: the compositor reports a failure.', examples: [true] }),
  answer: anything('The answer of the compositor: any JSON value.', [{ reloaded: 12 }]),
  error: Type.Optional(
    Type.String({ description: 'Why the command failed, in one line.', examples: ['HTTP status 500'] }),
  ),
  took: Type.Number({
    description: 'Seconds between sending the command and the answer.',
    examples: [0.014],
  }),
  cursor: Type.Unsafe<string | null>({
    ...cursor(),
    type: ['string', 'null'],
    description:
      'The newest commit for this compositor between sending and answer; null when this replica saw none.',
  }),
});

export const CommandListSchema = component('CommandList', 'The commands that are known of a compositor.', {
  commands: Type.Array(
    Type.Object({
      name: Type.String({ description: 'The name of the command.', examples: ['terminal.resize'] }),
      method: Type.String({ description: "The method of the compositor's own API.", examples: ['POST'] }),
      path: Type.String({
        description: 'The path there; what stands in braces is a parameter.',
        examples: ['/api/terminal/{id}/resize'],
      }),
      params: Type.Array(Type.String(), {
        description:
          'The parameters that the path needs. The others go into the body, with GET into the query.',
        examples: [['id']],
      }),
    }),
  ),
  others: Type.Boolean({
    description: 'True: nothing is known of its commands, and any is sent to it as it comes.',
    examples: [false],
  }),
});
