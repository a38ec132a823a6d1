import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';
import { Program, type Exit, type Owner } from './program.ts';

const DEPLOY = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url));

export interface NginxOptions {
  /** Ports of 127.0.0.1 that it stands in front of. */
  readonly upstreams: readonly number[];
  /**
   * A configuration of deploy/nginx; or the lines of `http` that go beside a server of nginx's own defaults, which hands
   * everything to the upstreams. Absent: these defaults alone.
   */
  readonly site?: 'http' | 'tls' | 'subpath' | { readonly http: string };
  /** The last word on each of the configuration's files, by name. */
  readonly edit?: (name: string, text: string) => string;
}

/** A real nginx, in a folder of its own. */
export interface Nginx {
  /** Of its first port that serves; https where the site does. */
  readonly url: string;
  readonly port: number;
  /** The port that tls.conf redirects from. */
  readonly plainPort: number;
  readonly dir: string;
  /** Its error log. */
  readonly stderr: string;
  /** Its access log until now; a request is in it when it has ended. */
  accessLog(): Promise<string>;
  stop(): Promise<Exit | undefined>;
}

/** Starts nginx and waits until it serves. It is ended, by its id, when `t` ends. */
export async function startNginx(t: Owner, options: NginxOptions): Promise<Nginx> {
  const dir = await mkdtemp(join(tmpdir(), 'compositord-nginx-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  // Its workers are another user when the tests are root.
  await chmod(dir, 0o755);
  const site = options.site ?? { http: '' };
  const ports = { serving: await freePort(), plain: await freePort() };
  const write = async (name: string, text: string) =>
    writeFile(join(dir, name), options.edit?.(name, text) ?? text);
  await mkdir(join(dir, 'temp'));
  if (typeof site === 'string') await fromDeploy(dir, site, options.upstreams, ports, write);
  else await write('nginx.conf', inFolder(dir, defaults(site.http, options.upstreams, ports.serving)));

  const args = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'];
  // Whatever the user: the compiled-in places are root's.
  const globals = `daemon off; pid ${join(dir, 'nginx.pid')}; error_log stderr notice;`;
  const program = new Program(t, 'nginx', [...args, '-g', globals]);
  // Before the Program's own SIGKILL, which would leave the workers behind.
  t.teardown(() => program.stop('SIGTERM'));
  // It listens before it has workers.
  await program.complains(/start worker process \d/);
  const scheme = site === 'tls' ? 'https' : 'http';
  return {
    url: `${scheme}://127.0.0.1:${ports.serving}`,
    port: ports.serving,
    plainPort: ports.plain,
    dir,
    get stderr() {
      return program.stderr;
    },
    accessLog: () => readFile(join(dir, 'access.log'), 'utf8'),
    stop: () => program.stop('SIGTERM'),
  };
}

/** What nginx does when nobody tells it anything: buffering on, and HTTP/1.0 to the upstream before 1.29.7. */
function defaults(http: string, upstreams: readonly number[], port: number): string {
  const servers = upstreams.map((upstream) => `server 127.0.0.1:${upstream};`).join(' ');
  return `events { }
http {
  access_log /dev/stdout;
  ${http}
  # This name becomes the Host, and a daemon on loopback answers to no other.
  upstream localhost { ${servers} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://localhost; }
  }
}
`;
}

/** The files as they are mounted into a container, with the ports, upstreams and certificate of the test. */
async function fromDeploy(
  dir: string,
  site: string,
  upstreams: readonly number[],
  ports: { readonly serving: number; readonly plain: number },
  write: (name: string, text: string) => Promise<void>,
): Promise<void> {
  await cp(join(DEPLOY, 'compositord'), join(dir, 'compositord'), { recursive: true });
  await mkdir(join(dir, 'conf.d'));
  const source = async (name: string) => readFile(join(DEPLOY, name), 'utf8');
  await write('nginx.conf', inFolder(dir, await source('nginx.conf')).replace('auto', '1'));
  await write('compositord/proxy.conf', await source('compositord/proxy.conf'));
  await write(
    'compositord/upstream.conf',
    withUpstreams(await source('compositord/upstream.conf'), upstreams),
  );
  const text = (await source(`${site}.conf`))
    .replace('listen 80 ', `listen 127.0.0.1:${ports.plain} `)
    .replace(/listen (?:8760|8080|443)\b/g, `listen 127.0.0.1:${ports.serving}`)
    .replaceAll('/etc/nginx/certs', dir);
  if (site === 'tls') makeCertificate(dir);
  await write('conf.d/default.conf', text);
}

/** What nginx writes goes to the folder: its own places are root's, and Node's pipes cannot be opened as a file. */
function inFolder(dir: string, conf: string): string {
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const lines = names.map((name) => `${name}_temp_path ${join(dir, 'temp', name)};`).join(' ');
  return conf
    .replace(/^http \{$/m, `http {\n    ${lines}`)
    .replaceAll('/dev/stdout', join(dir, 'access.log'));
}

/** Debian's nginx is too old for `resolve`, and there is nothing to resolve. */
function withUpstreams(conf: string, ports: readonly number[]): string {
  return conf
    .replace(/^resolver .*$/m, '')
    .replace(/^( *)server compositord:8760 resolve(.*)$/gm, (_, indent: string, rest: string) =>
      ports.map((port) => `${indent}server 127.0.0.1:${port}${rest}`).join('\n'),
    );
}
