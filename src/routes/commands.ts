import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import { listCommands } from '../domain/http-call.ts';
import { sendTagged } from '../plugins/conditional.ts';
import { COMMAND_FIELDS, LARGE_BODY } from './body-limits.ts';
import { keyHeader, keyOf } from './idempotency-key.ts';
import { IdParams } from './parameters.ts';
import { ref } from './schemas/fields.ts';
import { CommandListSchema, CommandResultSchema, CommandSchema } from './schemas/command.ts';
import { json, manifestReplies } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const KeyHeaders = Type.Object({
  'Idempotency-Key': keyHeader(
    'A compositor gets one command per key, once: a repeated request gets the reply of the first. The replica that is connected to the compositor remembers its last 128 keys for ten minutes. When another replica takes over, a repeat is sent again, with the same `id`.',
  ),
});

/** `/compositors/{id}/commands`: runs commands on compositors, and lists those that are known. */
export const commandRoutes: Routes<'commands' | 'registry' | 'queries'> = async (
  server,
  { commands, registry, queries },
) => {
  server.get(
    '/compositors/:id/commands',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'listCommands',
        summary: 'List the commands of a compositor',
        description:
          'The requests of its own HTTP API that it is registered with (`commands`), or those of the program that it says it is in its `GET /health`, while it is connected.',
        params: IdParams,
        response: manifestReplies('The commands.', ref(CommandListSchema)),
      },
    },
    async (request, reply) => {
      const { cursor } = queries.now();
      const list = listCommands(registry.require(request.params.id));
      setManifestHeaders(reply, queries, cursor);
      return sendTagged(request, reply, list);
    },
  );

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
          'The compositor must be connected (else 409): it registers with an address, or dials in. Each gets one command at a time. One that lists its commands takes no others (400). When the compositor says that the command failed, the reply is 200 with `ok: false`. After a 502 or 504 nobody knows whether the command ran.',
        params: IdParams,
        headers: KeyHeaders,
        body: ref(CommandSchema),
        response: json('The compositor answered.', ref(CommandResultSchema), ['Idempotent-Replayed']),
      },
    },
    async (request, reply) => {
      const key = keyOf(request.headers);
      const { result, replayed } = await commands.run(
        request.params.id,
        { ...request.body, ...(key !== undefined && { key }) },
        whileOpen(reply),
      );
      if (replayed) reply.header('idempotent-replayed', 'true');
      const { sent, ...rest } = result;
      if (sent.ok === undefined) throw new DomainError(sent.kind, sent.detail);
      return reply.send({ ...rest, ...sent });
    },
  );
};
