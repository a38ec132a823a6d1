import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { SESSION } from './session-cookie.ts';
import { completeDocument } from './complete-document.ts';

const TAGS = [
  { name: 'manifest', description: 'The versioned map that all readers share.' },
  { name: 'tiles', description: 'What compositors publish.' },
  { name: 'compositors', description: 'Who is registered, and their leases.' },
  { name: 'operation', description: 'For operators, and to find the way.' },
];

/** Makes the OpenAPI document of the routes that are added after it. */
export async function addOpenapi(
  server: FastifyInstance,
  about: { version: string; base: string },
): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'compositord',
        version: about.version,
        description:
          'Many compositors, one live, versioned manifest. Errors are `application/problem+json` (RFC 9457). Durations are seconds, instants RFC 3339; a cursor `<revision>-<nonce>` names one commit.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: about.base === '' ? '/' : about.base, description: 'This daemon.' }],
      tags: TAGS,
      security: [],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token of the setting `auth`, with the scope that the operation names, or `admin`. Without tokens (`auth: open`, and by default on loopback) none is asked for.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION,
            description: 'What `POST /session` gives a browser. It only reads.',
          },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => schemaName(json, i) },
    convertConstToEnum: false,
    transformObject: (made) => completeDocument('openapiObject' in made ? made.openapiObject : {}),
  });
}

function schemaName(schema: { $id?: unknown }, i: number): string {
  return typeof schema.$id === 'string' ? schema.$id : `def-${i}`;
}
