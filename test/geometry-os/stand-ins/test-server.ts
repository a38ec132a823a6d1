import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { readPng } from '../../support/read-png.ts';

/** The HTTP half of `test_server.py`: the same requests, and the same checks of their answers. */
export async function testHttpApi(base: string): Promise<void> {
  const get = async (path: string) => {
    const response = await fetch(base + path);
    assert.equal(response.status, 200, path);
    return response;
  };
  const health = (await (await get('/health')).json()) as { status: string };
  assert.equal(health.status, 'ok', 'Health check failed');

  const chunk = (await (await get('/api/chunk?x=512&y=512&size=16')).json()) as Record<string, unknown>;
  assert.equal(chunk['chunkX'], 512, 'Chunk X mismatch');
  assert.equal(chunk['chunkY'], 512, 'Chunk Y mismatch');
  assert.ok(Object.keys(chunk['tiles'] as object).length > 0, 'No tiles returned');

  for (const brick of ['system_core', 'data_block', 'neural_link']) {
    const { width, height } = readPng(
      Buffer.from(await (await get(`/builder/queue/${brick}`)).arrayBuffer()),
    );
    assert.ok(width > 0 && height > 0, `Texture request failed for ${brick}`);
  }
}

/** The WebSocket half: a heartbeat is answered first of all, and a camera may be sent. */
export async function testWebSocket(t: Test, uri: string): Promise<void> {
  const socket = new WebSocket(uri);
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'heartbeat', timestamp: 1_234_567_890 }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  const answer = JSON.parse(data.toString()) as { type: string };
  assert.equal(answer.type, 'heartbeat', 'Heartbeat response invalid');
  const camera = { type: 'camera_update', x: 819_200, y: 819_200, zoom: 0.5, timestamp: 1_234_567_890 };
  socket.send(JSON.stringify(camera));
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
