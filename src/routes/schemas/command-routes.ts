import { Type } from '@sinclair/typebox';
import {
  COMMAND_METHODS,
  COMMAND_NAME_PATTERN,
  COMMAND_PATH_PATTERN,
  MAX_COMMANDS,
  MAX_PATH,
  type CommandRoute,
  type CommandRoutes,
} from '../../domain/command-routes.ts';
import { closed } from './fields.ts';

const about = {
  type: 'object',
  description:
    'Its commands as requests of its own HTTP API, by name. A segment of a path may be a parameter, `{id}`. Absent: it takes any command, at `POST /commands` or as a message.',
  examples: [{ 'terminal.spawn': { method: 'POST', path: '/api/terminal/spawn' } }],
};

/** The commands of a compositor that registers. */
export const commands = Type.Unsafe<CommandRoutes>({
  ...about,
  maxProperties: MAX_COMMANDS,
  propertyNames: {
    pattern: COMMAND_NAME_PATTERN,
    'x-expects': 'a name of 1 to 64 letters, digits, dots, colons, dashes and underscores',
  },
  additionalProperties: Type.Object(
    {
      method: Type.Unsafe<CommandRoute['method']>({ type: 'string', enum: [...COMMAND_METHODS] }),
      path: Type.String({
        maxLength: MAX_PATH,
        pattern: COMMAND_PATH_PATTERN,
        'x-expects': `a path such as /api/terminal/{id}, at most ${MAX_PATH} characters`,
      }),
    },
    closed,
  ),
});

/** The same in an entry: replies may grow. */
export const commandsInReply = Type.Unsafe<CommandRoutes>({
  ...about,
  additionalProperties: Type.Object({ method: Type.String(), path: Type.String() }),
});
