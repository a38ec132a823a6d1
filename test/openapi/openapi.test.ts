import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { build } from '../support/build.ts';
import { watchReplies } from '../support/conformance.ts';
import { checkFrame } from '../support/contract.ts';

interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  parameters?: { name: string; required?: boolean; example?: unknown }[];
  responses: Record<string, Response & { $ref?: string }>;
}
interface Response {
  content?: Record<string, { examples?: object }>;
}
const committed = parse(readFileSync(new URL('../../openapi/openapi.yaml', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Response> };
};

t.test('the committed contract is the one that the daemon serves', async (t) => {
  const { inject } = await build(t);
  const { json } = await inject('/openapi.json');
  t.strictSame(json, committed, '`npm run openapi` writes it anew');
});

t.test('every operation has a name, a summary, a tag, and examples of its problems', async (t) => {
  const ids = new Set<string>();
  for (const operation of Object.values(committed.paths).flatMap((path) => Object.values(path))) {
    t.match(operation, { operationId: /^[a-z]/, summary: /./, tags: [/./] });
    ids.add(operation.operationId);
    for (const [status, { $ref }] of Object.entries(operation.responses)) {
      if (!(Number(status) >= 400)) continue;
      const { content = {} } = committed.components.responses[String($ref).split('/').at(-1)!]!;
      t.strictSame(Object.keys(content), ['application/problem+json'], `${operation.operationId} ${status}`);
      t.ok(content['application/problem+json']?.examples);
    }
  }
  t.equal(ids.size, Object.values(committed.paths).flatMap((path) => Object.keys(path)).length);
});

// Validators and Swagger UI read patterns without the flag `u`: in [^\p{Cc}] they saw letters.
t.test(
  'every pattern means the same to whoever reads it, and what must be given has an example',
  async (t) => {
    const texts = JSON.stringify(committed).match(/"pattern":"(?:[^"\\\\]|\\\\.)*"/g) ?? [];
    const patterns = new Set(texts.map((text) => (JSON.parse(`{${text}}`) as { pattern: string }).pattern));
    t.ok(patterns.size > 10);
    for (const pattern of patterns) {
      t.notMatch(pattern, /\\p\{/);
      t.doesNotThrow(() => [new RegExp(pattern), new RegExp(pattern, 'u')], pattern);
    }
    for (const { operationId, parameters = [] } of Object.values(committed.paths).flatMap((path) =>
      Object.values(path),
    ))
      for (const { name, required, example } of parameters)
        if (required) t.not(example, undefined, `${operationId} ${name}`);
  },
);

t.test('a reply that breaks the contract is noticed', async (t) => {
  const violations: string[] = [];
  const { inject } = await build(t, {
    register: (server) => {
      // After the watch of `build`, which saw the reply as it was.
      server.addHook('onSend', (request, reply, payload, done) => {
        const spoil = request.headers['x-spoil'];
        if (spoil === 'type') reply.type('text/plain');
        if (spoil === 'cursor') reply.removeHeader('manifest-cursor');
        if (spoil === 'status') reply.code(418);
        done(null, spoil === 'field' ? '{"status":"pass","extra":1}\n' : payload);
      });
      watchReplies(server, '', violations);
    },
  });
  for (const [spoil, url, wrong] of [
    ['field', '/health/live', /additional properties/],
    ['type', '/health/live', /the type text\/plain/],
    ['status', '/health/live', /does not have/],
    ['cursor', '/manifest', /lacks the header Manifest-Cursor/],
  ] as const) {
    await inject({ url, headers: { 'x-spoil': spoil } });
    t.match(violations.pop(), wrong);
  }
  await inject('/health/live');
  t.strictSame(violations, []);
});

t.test('a frame that breaks the contract is noticed', async (t) => {
  checkFrame('bye', '{"reason":"shutdown"}');
  t.throws(() => checkFrame('bye', '{}'));
  t.throws(() => checkFrame('bye', '{"reason":"x","more":1}'));
  t.throws(() => checkFrame('hello', '{}'));
});
