import { Type } from '@sinclair/typebox';
import { DomainError, ERROR_KINDS } from '../domain/errors.ts';
import { FixedBody, sendFixed } from '../plugins/fixed-body.ts';
import { encodeJson } from '../plugins/json.ts';
import { isErrorKind, PROBLEM_KINDS, problemUrl } from '../plugins/problems.ts';
import { json, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';
import { escaped, wantsHtml } from './html.ts';

const Params = Type.Object({
  code: Type.String({ maxLength: 64, description: 'The code of the error.', examples: ['not-found'] }),
});
const PageReply = Type.Object({
  type: Type.String({ examples: ['/problems/not-found'] }),
  title: Type.String({ examples: [PROBLEM_KINDS['not-found'].title] }),
  status: Type.Integer({ examples: [404] }),
  explanation: Type.String({ description: 'What it means and what to do (Markdown).' }),
});
const ListReply = Type.Object({ items: Type.Array(PageReply), next: Type.Null() });

/** `/problems`: the pages that the `type` of an error links to. */
export const problemRoutes: Routes<'about'> = async (server, { about }) => {
  const page = (code: (typeof ERROR_KINDS)[number]) => ({
    type: problemUrl(code, about.base),
    ...PROBLEM_KINDS[code],
  });

  const list = new FixedBody(
    encodeJson({ items: ERROR_KINDS.map(page), next: null }),
    'application/json; charset=utf-8',
  );
  server.get(
    '/problems',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'listProblems',
        summary: 'List the kinds of errors',
        description: 'Those that `type` of a problem names. HTML for browsers, otherwise JSON.',
        response: withNotModified(json('All kinds of errors.', ListReply, ['ETag'])),
      },
    },
    async (request, reply) => sendFixed(request, reply.header('cache-control', 'no-cache'), list),
  );

  server.get(
    '/problems/:code',
    {
      config: { scope: 'open', errors: ['not-found'] },
      schema: {
        operationId: 'explainProblem',
        summary: 'Explain one kind of error',
        description: 'HTML for browsers, otherwise JSON.',
        params: Params,
        response: {
          200: {
            description: 'What it means and what to do.',
            headers: {},
            content: {
              'application/json': { schema: PageReply },
              'text/html': { schema: Type.String() },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const { code } = request.params;
      if (!isErrorKind(code))
        throw new DomainError('not-found', `there is no kind of error ${JSON.stringify(code)}`);
      const { title, status, explanation, type } = page(code);
      reply.header('vary', 'Accept').header('cache-control', 'no-cache');
      if (!wantsHtml(request.headers.accept)) return reply.send({ type, title, status, explanation });
      const text = escaped(explanation).replace(/`([^`]+)`/g, '<code>$1</code>');
      return reply
        .type('text/html; charset=utf-8')
        .send(
          `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>` +
            `<h1>${escaped(title)}</h1><p><code>${code}</code>, HTTP ${status}</p><p>${text}</p></html>\n`,
        );
    },
  );
};
