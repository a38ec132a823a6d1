import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Program, type Owner } from './program.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Where the project is inside. */
export const INSIDE = '/srv/project';
/** Seconds for systemd to be there, and for one command: ceilings. */
const BOOT = 60;
const COMMAND = 120;

/** What is missing to boot systemd in a container here; undefined: nothing. */
export function notBootable(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can';
  for (const program of ['systemd-nspawn', 'nsenter', 'systemctl', 'systemd-notify', 'curl'])
    if (spawnSync(program, ['--version']).error) return `there is no ${program}`;
  if (!existsSync('/usr/bin/node') && !existsSync('/usr/local/bin/node')) return 'Node is not in /usr';
  return undefined;
}

/**
 * systemd, booted in a container of this machine's own /usr and nothing else of it: /etc and /var are new and in memory, the network is its
 * own. The project is at {@link INSIDE}, read-only.
 */
export class Booted {
  readonly #pid: number;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  static async start(t: Owner): Promise<Booted> {
    const machine = new Program(t, 'systemd-nspawn', [
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--directory=/',
      '--volatile=yes',
      '--private-network',
      `--machine=compositord-${process.pid}`,
      `--bind-ro=${PROJECT}:${INSIDE}`,
      '--boot',
      'systemd.unit=basic.target',
      'systemd.firstboot=off',
      // It waits for a network, and there is none.
      'systemd.mask=systemd-networkd-wait-online.service',
      'systemd.show_status=no',
    ]);
    const late = performance.now() + BOOT * 1000;
    for (;;) {
      const pid = childOf(machine.pid);
      if (pid !== undefined) {
        const booted = new Booted(pid);
        // Before nspawn's own end: what it booted would live on.
        if (/running|degraded/.test(booted.#run('systemctl is-system-running').said)) {
          t.teardown(() => process.kill(pid, 'SIGKILL'));
          return booted;
        }
      }
      if (performance.now() > late) {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        throw new Error(`systemd did not boot: ${machine.stdout}${machine.stderr}`);
      }
      await new Promise((again) => setTimeout(again, 200));
    }
  }

  /** What the command prints. Throws when it fails. */
  run(command: string): string {
    const { status, said } = this.#run(command);
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${said}`);
    return said;
  }

  /** Resolves with what the command prints as soon as that matches; rejects after some time. */
  async until(command: string, pattern: RegExp, seconds = 60): Promise<string> {
    const late = performance.now() + seconds * 1000;
    for (;;) {
      const { said } = this.#run(command);
      if (pattern.test(said)) return said;
      if (performance.now() > late) throw new Error(`${command} never said ${String(pattern)}:\n${said}`);
      await new Promise((again) => setTimeout(again, 250));
    }
  }

  #run(command: string): { status: number | null; said: string } {
    const args = [`--target=${this.#pid}`, '--all', 'sh', '-c', command];
    const env = { PATH: '/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin', LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync('nsenter', args, {
      encoding: 'utf8',
      env,
      timeout: COMMAND * 1000,
    });
    return { status, said: stdout + stderr };
  }
}

function childOf(pid: number): number | undefined {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return first ? Number(first) : undefined;
}
