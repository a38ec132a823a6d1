// node healthcheck.mjs [live|ready]: exits 0 when the daemon of this container says so. The image has no curl.
// Reads the daemon's own configuration, so that it follows `listen` and `basePath` from wherever they come (flags excepted).
import { readFileSync } from 'node:fs';
import { loadConfig } from './dist/config/load-config.js';

const which = process.argv[2] ?? 'live';
const loaded = loadConfig({ flags: {}, env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
if (!('config' in loaded)) fail('the configuration has problems; see `compositord check`');
const { listen, basePath } = loaded.config.settings;
const base = basePath === '/' ? '' : basePath;
const url = `http://${hostOf(listen.host)}:${listen.port}${base}/health/${which}`;
try {
  // Longer than the daemon ever takes, shorter than the HEALTHCHECK's own timeout, so that the reason is printed.
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!ok) fail(`${url} answered ${status}`);
} catch (error) {
  fail(`${url}: ${error.cause?.message ?? error.message}`);
}

/** What to connect to for what is listened on: the wildcard is no address. */
function hostOf(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
