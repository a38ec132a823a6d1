import { plainText } from './schemas/replies.ts';
import type { Routes } from './services.ts';

/** `/metrics`: metrics for Prometheus. */
export const metricsRoutes: Routes<'metrics'> = async (server, { metrics }) => {
  server.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Read the metrics',
        description: 'Metrics in the Prometheus text format. docs/operations.md says what to watch.',
        response: plainText('The metrics.'),
      },
    },
    async (_request, reply) => {
      const { text, type } = await metrics.text();
      return reply.header('cache-control', 'no-store').type(type).send(text);
    },
  );
};
