import { Readable } from 'node:stream';
import { gzipFile } from './schemas/replies.ts';
import type { Routes } from './services.ts';

/** `/backup`: everything in one file, for an operator. */
export const backupRoutes: Routes<'backups'> = async (server, { backups }) => {
  server.get(
    '/backup',
    {
      config: { scope: 'admin', compress: false, errors: ['store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'getBackup',
        summary: 'Take a backup',
        description:
          'Everything at the present cursor, with the history and the leases, for `compositord restore`. `compositord backup --url` reads it and checks that it is whole: a reply may be cut after its status was sent. One at a time. While the store is unreachable it is what the daemon knew last, without leases.',
        response: gzipFile('An archive: lines of JSON, in gzip.', ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store').type('application/gzip');
      // Fastify would read it to its end to answer HEAD.
      if (request.method === 'HEAD')
        return reply.header('manifest-cursor', backups.head).send(Readable.from([]));
      const { cursor, body } = await backups.take();
      return reply.header('manifest-cursor', cursor).send(body);
    },
  );
};
