/** Registers `id` and gives it `count` tiles in a square around the origin. */
export async function fill(url, id, count) {
  await ask(url, 'PUT', `/compositors/${id}`, { name: id, ttl: 3600 });
  const side = Math.ceil(Math.sqrt(count));
  for (let start = 0; start < count; start += 10_000) {
    const tiles = {};
    for (let i = start; i < Math.min(count, start + 10_000); i++)
      tiles[`${(i % side) - (side >> 1)},${Math.floor(i / side) - (side >> 1)}`] = {
        brick: `brick-${i % 97}.rts.png`,
      };
    await ask(url, 'PATCH', `/compositors/${id}/tiles`, tiles);
  }
}

export async function ask(url, method, path, body) {
  const reply = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return JSON.parse(text);
}

/** A request as it goes over the wire. */
export function wire(method, path, { body, headers = {} } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
