// What a wrong body costs is bounded by what its route could ever accept: a body of 119,000 unknown fields cost two seconds.
import t from 'tap';
import { build } from '../support/build.ts';
import type { Json } from '../support/json.ts';

const many = (count: number, member: (i: number) => string) =>
  `{${Array.from({ length: count }, (_, i) => member(i)).join(',')}}`;
const unknown = (count: number) => many(count, (i) => `"${i.toString(36)}":0`);
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

t.test('wrong bodies of every size are refused, and cost little', { timeout: 60_000 }, async (t) => {
  const { inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/w', payload: { name: 'w' } });
  const tiles = '/compositors/w/tiles';
  const cases: [status: number, method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body: string][] = [
    [413, 'POST', '/session', unknown(1000)],
    [400, 'POST', '/session', unknown(400)],
    [413, 'POST', '/session', `{"token":"${'='.repeat(4096)}"}`],
    [400, 'POST', '/session', `{"token":"${'a'.repeat(4000)}!"}`],
    [413, 'PUT', '/compositors/w/lease', unknown(1000)],
    [413, 'PUT', '/compositors/w', `{"name":"x","labels":${unknown(20_000)}}`],
    [413, 'PUT', '/compositors/w', `{"name":"x","capabilities":[${'0,'.repeat(130_000)}0]}`],
    [400, 'PUT', '/compositors/w', `{"name":"x","capabilities":[${'0,'.repeat(50_000)}0]}`],
    [400, 'PUT', '/compositors/w', `{"name":${deep(100_000)}}`],
    [400, 'PUT', '/compositors/w', `{"name":"${'x'.repeat(200_000)}"}`],
    [413, 'PATCH', '/compositors/w', `{"labels":${unknown(20_000)}}`],
    [413, 'DELETE', '/compositors/w', unknown(2000)],
    [413, 'PATCH', tiles, unknown(119_000)],
    [413, 'PATCH', tiles, unknown(10_001)],
    // Refused before it is parsed: nobody has looked whether it is JSON.
    [413, 'PATCH', tiles, `${unknown(10_001).slice(0, -1)},`],
    [400, 'PATCH', tiles, unknown(10_000)],
    [400, 'PUT', tiles, many(9999, (i) => `"k${i}":{"brick":"","timestamp":-1,"x":1}`)],
    [400, 'PATCH', tiles, `{"0,0":${deep(400_000)}}`],
    [413, 'PATCH', tiles, `[${'{},'.repeat(200_000)}{}]`],
    [400, 'PATCH', tiles, `{"__proto__":{"__proto__":{}},"constructor":{"prototype":0}}`],
    [413, 'POST', '/compositors/w/commands', `{"command":"x","params":${unknown(50_000)}}`],
    [400, 'POST', '/compositors/w/commands', `{"command":"x","params":${deep(100_000)}}`],
  ];
  for (const [status, method, url, payload] of cases) {
    const began = process.cpuUsage();
    const reply = await inject({
      method,
      url,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    const { user, system } = process.cpuUsage(began);
    const what = `${method} ${url} ${payload.slice(0, 30)}… (${payload.length})`;
    t.equal(reply.status, status, what);
    t.ok(reply.text.length < 8000, 'the answer is short');
    t.ok(user + system < 500_000, `${Math.round((user + system) / 1000)} ms of CPU`);
  }
});

t.test('a small body is told all its errors, a large one the first', async (t) => {
  const { inject } = await build(t);
  await inject({ method: 'PUT', url: '/compositors/w', payload: { name: 'w' } });
  const patch = (payload: object) => inject({ method: 'PATCH', url: '/compositors/w/tiles', payload });
  const wrong = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i},0`, { brick: 1 }]));
  t.match((await patch(wrong(30))).json, {
    detail: '/0,0/brick must be 1 to 255 printable characters, not only blank ones (and 29 more)',
    errors: { length: 20 },
  });
  const { detail, errors } = (await patch(wrong(5000))).json;
  t.strictSame(errors, [
    { in: 'body', field: '/0,0/brick', detail: 'must be 1 to 255 printable characters, not only blank ones' },
  ]);
  t.equal(detail, '/0,0/brick must be 1 to 255 printable characters, not only blank ones');
});

t.test('the longest valid registration is accepted', async (t) => {
  const { inject } = await build(t, { settings: { quota: { entryBytes: 2 ** 20 } } });
  const wide = '\u{1F9F1}';
  const payload = {
    name: wide.repeat(128),
    labels: Object.fromEntries(
      Array.from({ length: 64 }, (_, i) => [`l${i}`.padEnd(63, 'x'), wide.repeat(256)]),
    ),
    capabilities: Array.from({ length: 64 }, (_, i) => `${i}`.padStart(2, '0') + wide.repeat(62)),
    commands: Object.fromEntries(
      Array.from({ length: 64 }, (_, i) => [
        `c${i}`.padEnd(64, 'x'),
        { method: 'DELETE', path: `/${'x'.repeat(255)}` },
      ]),
    ),
  };
  // As an encoder writes it that knows ASCII only.
  const ascii = JSON.stringify(payload).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
  const reply = await inject({
    method: 'PUT',
    url: '/compositors/w',
    headers: { 'content-type': 'application/json' },
    payload: ascii,
  });
  t.equal(reply.status, 201, `${ascii.length} bytes`);
});

/** The parts of a schema that are under `path`, each with its own path. */
function* schemasIn(schema: Json, path: string, all: Json): Generator<[string, Json]> {
  if (schema.$ref !== undefined) {
    yield* schemasIn(all[schema.$ref.split('/').at(-1)], path, all);
    return;
  }
  yield [path, schema];
  for (const [name, each] of Object.entries(schema.properties ?? {}))
    yield* schemasIn(each, `${path}/${name}`, all);
  if (typeof schema.additionalProperties === 'object')
    yield* schemasIn(schema.additionalProperties, `${path}/*`, all);
  if (schema.items !== undefined) yield* schemasIn(schema.items, `${path}/-`, all);
  for (const each of schema.anyOf ?? []) yield* schemasIn(each, path, all);
}

t.test('whatever a body may hold is bounded by its schema', async (t) => {
  const { inject } = await build(t);
  const document = (await inject('/openapi.json')).json;
  let checked = 0;
  for (const [url, path] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(path as Json)) {
      const schema = (operation as Json).requestBody?.content?.['application/json']?.schema;
      if (schema === undefined) continue;
      for (const [name, part] of schemasIn(schema, `${method} ${url} `, document.components.schemas)) {
        const types = [part.type].flat();
        checked += 1;
        if (types.includes('string'))
          t.ok(
            part.maxLength ?? part.enum ?? /\{[0-9,]+\}\$$/.test(part.pattern ?? ''),
            `${name} is no longer than something`,
          );
        if (types.includes('array')) t.ok(part.maxItems, `${name} has no more items than something`);
        if (types.includes('object'))
          t.ok(
            part.additionalProperties === false || part.maxProperties,
            `${name} has no more members than something`,
          );
      }
    }
  t.ok(checked > 30, `${checked} schemas`);
});
