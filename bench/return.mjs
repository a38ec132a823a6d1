// 5,000 readers of one daemon that ends come back to another within the five seconds that its `bye` spreads them over, while
// compositors renew their leases there; and then eight writers of 2,000 tiles that never pause.
import { request } from 'node:http';
import { quantile, written } from './measure.mjs';
import { ask, fill } from './tiles.mjs';

const READERS = 5000;
const PROCESSES = 4;
const TILES = 10_000;
const COMPOSITORS = 20;
/** Seconds, and milliseconds between two renewals. */
const TTL = 4;
const RENEW_EVERY = 1000;
const WRITERS = 8;
const HEAVY_FOR = 10_000;
/** Milliseconds that nobody is to wait. */
const ALLOWED = 2000;

export async function comeBack(lab) {
  const folder = lab.folder();
  const first = await lab.daemon([], folder);
  await fill(first.url, 'wall', TILES);
  const second = await lab.daemon([], folder);
  const workers = Array.from({ length: PROCESSES }, () => lab.worker('returning-readers'));
  const each = (method, argument) => Promise.all(workers.map(({ call }) => call(method, argument)));
  await each('open', { port: first.port, count: READERS / PROCESSES });
  const fleet = new Fleet(second.url);
  await fleet.start();
  await each('expectBye', { port: second.port });
  process.kill(first.pid, 'SIGTERM');
  const waits = (await each('back')).flat();
  const rows = [
    row(
      `${READERS} readers come back: slowest first byte`,
      waits.map(({ firstByte }) => firstByte),
    ),
    row(
      `${READERS} readers come back: slowest to have everything`,
      waits.map(({ complete }) => complete),
    ),
    fleet.report('meanwhile'),
  ];
  await each('close');
  rows.push(...(await besideWriters(second.url, fleet)));
  rows.push(await fleet.stop());
  return rows;
}

/** New connections and renewals beside writers in a closed loop. */
async function besideWriters(url, fleet) {
  const until = performance.now() + HEAVY_FOR;
  const connections = [];
  let n = 0;
  const write = async (writer) => {
    await ask(url, 'PUT', `/compositors/heavy-${writer}`, { name: 'heavy', ttl: 3600 });
    while (performance.now() < until) {
      const brick = `b${n++}`;
      const tiles = Array.from({ length: 2000 }, (_, i) => [`${1000 + writer},${i}`, { brick }]);
      await ask(url, 'PATCH', `/compositors/heavy-${writer}/tiles`, Object.fromEntries(tiles));
    }
  };
  const connect = async () => {
    while (performance.now() < until) connections.push(await newConnection(`${url}/health/live`));
  };
  await Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), connect()]);
  return [
    row(`${WRITERS} writers of 2,000 tiles: slowest new connection`, connections),
    fleet.report('beside them'),
  ];
}

/** Compositors that renew their leases, each time on a connection of its own. */
class Fleet {
  #url;
  #waits = [];
  #stopped = false;
  #work = [];

  constructor(url) {
    this.#url = url;
  }

  async start() {
    for (let i = 0; i < COMPOSITORS; i++) {
      const id = `renewing-${i}`;
      await ask(this.#url, 'PUT', `/compositors/${id}`, { name: id, ttl: TTL });
      this.#work.push(this.#renew(`${this.#url}/compositors/${id}/lease`));
    }
  }

  report(when) {
    return row(`renewals of ${COMPOSITORS} compositors ${when}: slowest`, this.#waits.splice(0));
  }

  /** How many leases ended, though all were renewed. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#work);
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const ended = Number(/lease_ends_total\{how="stale"\} (\d+)/.exec(text)[1]);
    return {
      what: 'leases that ended though they were renewed',
      ours: String(ended),
      other: '0',
      beside: 'allowed',
    };
  }

  async #renew(url) {
    while (!this.#stopped) {
      this.#waits.push(await newConnection(url, 'PUT'));
      await new Promise((resolve) => setTimeout(resolve, RENEW_EVERY));
    }
  }
}

/** Milliseconds until the answer to a request on a connection of its own. */
function newConnection(url, method = 'GET') {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: false, headers: { connection: 'close' } }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`${method} ${url}: ${reply.statusCode}`));
      reply.resume().on('end', () => resolve(performance.now() - began));
    });
    outgoing.on('error', reject).end();
  });
}

function row(what, waits) {
  const slowest = Math.max(...waits);
  return {
    what,
    ours: written(slowest, 'ms'),
    other: `${ALLOWED} ms`,
    beside: 'allowed',
    ratio: slowest / ALLOWED,
    target: 1,
    atMost: true,
    note: `median ${written(quantile(waits, 0.5), 'ms')}, 99th percentile ${written(quantile(waits, 0.99), 'ms')}`,
  };
}
