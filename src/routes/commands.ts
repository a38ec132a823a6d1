import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { COMMAND_FIELDS, LARGE_BODY } from './body-limits.ts';
import { IdParams } from './parameters.ts';
import { ref } from './schemas/fields.ts';
import { CommandResultSchema, CommandSchema } from './schemas/command.ts';
import { json } from './schemas/replies.ts';
import type { Routes } from './services.ts';

const TEXT = '[!#-+\\--\\[\\]-~]{1,128}';
const KeyHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      // A Structured Field string (draft-ietf-httpapi-idempotency-key-header), or the same without its quotes.
      pattern: `^(?:"[ !#-\\[\\]-~]{1,128}"|${TEXT})$`,
      'x-expects': '1 to 128 printable ASCII characters, in quotes or not',
      description:
        'A compositor gets one command per key, once: a repeated request gets the reply of the first. The replica that is connected to the compositor remembers its last 128 keys for ten minutes. When another replica takes over, a repeat is sent again, with the same `id`.',
      examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    }),
  ),
});

/** `/compositors/{id}/commands`: runs commands on compositors. */
export const commandRoutes: Routes<'commands'> = async (server, { commands }) => {
  server.post(
    '/compositors/:id/commands',
    {
      bodyLimit: LARGE_BODY,
      config: {
        scope: 'command',
        bodyFields: COMMAND_FIELDS,
        errors: [
          'not-found',
          'not-connected',
          'rate-limited',
          'bad-answer',
          'store-unavailable',
          'circuit-open',
          'timed-out',
        ],
      },
      schema: {
        operationId: 'runCommand',
        summary: 'Run a command on a compositor',
        description:
          'Each compositor gets one command at a time. When the compositor says that the command failed, the reply is 200 with `ok: false`. After a 502 or 504 nobody knows whether the command ran.',
        params: IdParams,
        headers: KeyHeaders,
        body: ref(CommandSchema),
        response: json('The compositor answered.', ref(CommandResultSchema), ['Idempotent-Replayed']),
      },
    },
    async (request, reply) => {
      const clientGone = new AbortController();
      reply.raw.once('close', () => clientGone.abort());
      const key = keyOf(request.headers);
      const { result, replayed } = await commands.run(
        request.params.id,
        { ...request.body, ...(key !== undefined && { key }) },
        clientGone.signal,
      );
      if (replayed) reply.header('idempotent-replayed', 'true');
      const { sent, ...rest } = result;
      if (sent.ok === undefined) throw new DomainError(sent.kind, sent.detail);
      return reply.send({ ...rest, ...sent });
    },
  );
};

/** The key is the same with and without quotes. */
function keyOf(headers: Record<string, unknown>): string | undefined {
  const text = headers['idempotency-key'] as string | undefined;
  return text?.startsWith('"') ? text.slice(1, -1) : text;
}
