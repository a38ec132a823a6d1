import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { completeDocument } from './complete-document.ts';

const TAGS = [
  { name: 'manifest', description: 'The shared, versioned map.' },
  { name: 'tiles', description: 'The tiles that compositors publish.' },
  { name: 'regions', description: 'Rectangles of the plane that compositors hold for a time.' },
  { name: 'compositors', description: 'Registered compositors and their leases.' },
  { name: 'geometry-os', description: 'What the programs of Geometry OS request: docs/geometry-os.md.' },
  { name: 'operation', description: 'Health, metrics, sessions, pages and documentation.' },
];

/** Generates the OpenAPI document from the routes that are added after this call. */
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
          'Many compositors share one live, versioned manifest. Errors are `application/problem+json` (RFC 9457). Durations are in seconds, instants in RFC 3339; a cursor `<revision>-<nonce>` names one commit. Names and other texts for people are printable: no control characters, nothing that embeds, overrides or isolates a direction of writing (U+202A to U+202E, U+2066 to U+206F), and not only blank or invisible characters; a reply may hold one that is older than this rule. Replies to GET from 1 KiB on come in `br` or `gzip`, as `Accept-Encoding` says, with a weak ETag.',
        contact: { name: 'The authors of compositord' },
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
              'A token from the setting `auth`, with the scope that the operation names, or `admin`. With `auth: open` (the default on loopback) no token is required.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'compositord',
            description:
              'The cookie that `POST /session` sets in a browser (over TLS `__Host-compositord`). It permits reading only, ends, and counts only for our own pages.',
          },
        },
      },
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, i) => (typeof $id === 'string' ? $id : `def-${i}`),
    },
    convertConstToEnum: false,
    transformObject: (made) => completeDocument('openapiObject' in made ? made.openapiObject : {}),
  });
}
