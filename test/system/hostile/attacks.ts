import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface Target {
  readonly port: number;
  /** A token with the scopes `read`, `relay` and `write`, bound to `greedy-*`. */
  readonly token: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** One kind of hostile or greedy client; resolves when its time is over, whatever the daemon does. */
export type Attack = (target: Target) => Promise<void>;

/** One connection at a time writes 63 KiB of pipelined reads of everything and takes no answer. FAILURES 26. */
const onePacket: Attack = async (target) => {
  const head = `GET /manifest?view=-2000,-2000,2000,2000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.token}\r\n\r\n`;
  const packet = head.repeat(Math.floor((63 * 1024) / head.length));
  await until(target.duration, async () => {
    const socket = open(target, packet);
    socket.pause();
    await pause(1500);
    socket.destroy();
  });
};

/** Bodies of nothing but mistakes, without any token, and the longest lists. FAILURES 27. */
const dearErrors: Attack = async (target) => {
  const unknown = JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`f${i}`, 1])));
  const capabilities = JSON.stringify({
    name: 'x',
    capabilities: Array.from({ length: 250_000 }, () => 'a'),
  });
  const deep = `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const loops = [
    () => call(target, 'POST', '/session', unknown, false),
    () => call(target, 'POST', '/compositors', capabilities),
    () => call(target, 'PATCH', '/compositors/greedy-a/tiles', unknown),
    () => call(target, 'PUT', '/compositors/greedy-a', deep),
  ];
  await Promise.all(loops.map((run) => until(target.duration, run)));
};

/** Everything, the past, and all changes since then, again and again. FAILURES 27. */
const dearReads: Attack = async (target) => {
  const history = await call(target, 'GET', '/manifest/history?limit=1000');
  const oldest =
    (JSON.parse(history || '{}') as { items?: { cursor: string }[] }).items?.at(-1)?.cursor ?? '';
  const paths = [
    '/manifest',
    '/manifest/tiles',
    `/manifest?at=${oldest}`,
    `/manifest/changes?since=${oldest}&view=9000,9000,9001,9001`,
  ];
  await Promise.all(paths.map((path) => until(target.duration, () => call(target, 'GET', path))));
};

/** Registers and publishes the largest entries until it is refused, and goes on. FAILURES 28. */
const fill: Attack = async (target) => {
  const wide = '🂡'.repeat(256);
  const labels = Object.fromEntries(
    Array.from({ length: 64 }, (_, i) => [`${i}-`.padEnd(63, 'k'), wide] as const),
  );
  const registration = JSON.stringify({ name: wide.slice(0, 256), ttl: 86_400, labels });
  await call(target, 'PUT', '/compositors/greedy-b', '{"name":"b","ttl":86400}');
  let n = 0;
  const register = () => call(target, 'PUT', `/compositors/greedy-r${n++}`, registration);
  const publish = () => {
    const x = 100 + n++;
    const tiles = Array.from({ length: 900 }, (_, y) => [
      `${x},${y}`,
      { brick: `${wide.slice(0, 508)}${y % 10}` },
    ]);
    return call(target, 'PATCH', '/compositors/greedy-b/tiles', JSON.stringify(Object.fromEntries(tiles)));
  };
  await Promise.all([register, register, publish, publish].map((run) => until(target.duration, run)));
};

/** Streams with a view of their own each, never read. FAILURES 29. */
const ownViews: Attack = async (target) => {
  const sockets = await openMany(target, 1500, (i) =>
    streamHead(target, `?view=${-2000 - i},-2000,2000,2000`),
  );
  await pause(target.duration);
  for (const socket of sockets) socket.destroy();
};

/** Connections that say nothing, half a head, or a body byte by byte. */
const idleConnections: Attack = async (target) => {
  const starts = [
    '',
    'GET /manifest HTTP/1.1\r\nHost: loc',
    'POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{',
  ];
  const sockets = await openMany(target, 3000, (i) => starts[i % starts.length]!);
  await until(target.duration, async () => {
    for (const [i, socket] of sockets.entries()) if (i % 3 === 2) socket.write(' ');
    await pause(500);
  });
  for (const socket of sockets) socket.destroy();
};

/** Small requests as fast as they are answered. */
const flood: Attack = async (target) => {
  const paths = ['/health', '/compositors', '/manifest/history', '/openapi.json', '/nothing'];
  await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      until(target.duration, () => call(target, 'GET', paths[i % paths.length]!)),
    ),
  );
};

/** Compositors without end at addresses that never answer. FAILURES 24 and 32. */
const deadAddresses: Attack = async (target) => {
  let n = 0;
  await until(target.duration, async () => {
    const i = n++ % 400;
    const address = i % 2 === 0 ? '127.0.0.1' : `silent-${i}.invalid`;
    const body = { name: 'dead', ttl: 60, address, port: 9, protocol: 'http' };
    await call(target, 'PUT', `/compositors/greedy-d${i}`, JSON.stringify(body));
  });
};

/** Writers of 2,000 tiles in a closed loop. */
const bulkWriters: Attack = async (target) => {
  let n = 0;
  await Promise.all(
    Array.from({ length: 8 }, async (_, w) => {
      await call(target, 'PUT', `/compositors/greedy-w${w}`, '{"name":"w","ttl":86400}');
      await until(target.duration, async () => {
        const brick = `b${n++}`;
        const tiles = Array.from({ length: 2000 }, (_, i) => [`${-100 - w},${i}`, { brick }]);
        await call(
          target,
          'PATCH',
          `/compositors/greedy-w${w}/tiles`,
          JSON.stringify(Object.fromEntries(tiles)),
        );
      });
    }),
  );
};

/** Sockets that say to all others more than anybody can read, as fast as they are read themselves; and sockets that read nothing. */
const shouting: Attack = async (target) => {
  const stalled = await Promise.all(Array.from({ length: 200 }, () => openSocket(target)));
  for (const socket of stalled) socket.pause();
  const voices = await Promise.all(Array.from({ length: 8 }, () => openSocket(target)));
  const types = ['camera_update', 'control_command', 'activation', 'cognitive_update'];
  const texts = types.map((type, i) => JSON.stringify({ type, text: 'x'.repeat(i === 3 ? 15_000 : 100) }));
  await Promise.all(
    voices.map((voice) =>
      until(target.duration, async () => {
        if (voice.bufferedAmount > 1024 * 1024) return pause(5);
        for (let i = 0; i < 400; i++) voice.send(texts[i % 40 === 0 ? 3 : i % 3]!);
        return pause(1);
      }),
    ),
  );
  for (const socket of [...stalled, ...voices]) socket.terminate();
};

export const ATTACKS = {
  onePacket,
  dearErrors,
  fill,
  dearReads,
  ownViews,
  idleConnections,
  flood,
  deadAddresses,
  bulkWriters,
  shouting,
} satisfies Record<string, Attack>;

async function until(duration: number, run: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + duration; performance.now() < end;) await run();
}

function streamHead(target: Target, query: string): string {
  return `GET /manifest/stream${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.token}\r\n\r\n`;
}

async function openSocket({ port, token }: Target): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/manifest/socket`, { headers });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

function open(target: Target, bytes: string): Socket {
  const socket = connect(target.port, '127.0.0.1', () => {
    if (bytes !== '') socket.write(bytes);
  });
  return socket.on('error', () => undefined);
}

/** In batches, as the kernel's queue of new connections takes them. */
async function openMany(target: Target, count: number, bytes: (i: number) => string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    for (let i = 0; i < 50; i++) sockets.push(open(target, bytes(sockets.length)).pause());
    await pause(20);
  }
  return sockets;
}

/** The body of the answer; empty when there was none. A refused request takes a moment, as any loop of a careless client does. */
function call(
  target: Target,
  method: string,
  path: string,
  body?: string,
  withToken = true,
): Promise<string> {
  return new Promise((resolve) => {
    const failed = () => setTimeout(() => resolve(''), 5);
    const outgoing = request(
      {
        port: target.port,
        host: '127.0.0.1',
        method,
        path,
        timeout: 20_000,
        headers: {
          ...(withToken && { Authorization: `Bearer ${target.token}` }),
          ...(body !== undefined && {
            'Content-Type': 'application/json',
            'Content-Length': String(Buffer.byteLength(body)),
          }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          // A large answer is taken, and not kept.
          if (text.length < 1_000_000) text += piece;
        });
        response.on('close', () => (response.statusCode === 200 ? resolve(text) : failed()));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy()).on('error', failed);
    outgoing.end(body);
  });
}
