import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Passes assignments such as `READY=1` on to systemd. Resolves when they were taken, or could not be said. */
export type Notify = (assignments: readonly string[]) => Promise<void>;

/**
 * Tells systemd how the service is (`Type=notify`). Without its variables in the environment nothing is said.
 *
 * Node has no datagram sockets of the Unix kind, so systemd's own program says it: the unit needs `NotifyAccess=all`.
 */
export class ServiceManager {
  readonly #notify: Notify;
  /** Milliseconds between two signs of life; undefined when nobody waits for them. */
  readonly #interval: number | undefined;
  /** One after the other: of two programs at once, the second might be heard first. */
  #said: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #reloads = 0;
  #stopping = false;

  constructor(env: Environment, notify: Notify = systemdNotify) {
    const used = Boolean(env['NOTIFY_SOCKET']);
    this.#notify = used ? notify : () => Promise.resolve();
    this.#interval = used ? watchdogInterval(env) : undefined;
  }

  /** It serves; `status` is one line for people. */
  ready(status: string): void {
    this.#say('READY=1', `STATUS=${status}`);
  }

  /** The configuration is read again; what is ready afterwards has the same status. */
  async whileReloading(status: string, reload: () => Promise<void>): Promise<void> {
    this.#reloads += 1;
    if (this.#reloads === 1) this.#say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    try {
      await reload();
    } finally {
      this.#reloads -= 1;
      if (this.#reloads === 0 && !this.#stopping) this.ready(status);
    }
  }

  stopping(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#say('STOPPING=1', 'STATUS=says goodbye to readers');
  }

  /** Says that the service works, for as long as `works` says so. Whoever is not heard in time is started again. */
  watch(works: () => boolean): void {
    if (this.#interval === undefined) return;
    this.#timer = setInterval(() => {
      if (works()) this.#say('WATCHDOG=1');
    }, this.#interval).unref();
  }

  #say(...assignments: string[]): void {
    this.#said = this.#said.then(async () => this.#notify(assignments));
  }
}

/** Half of what systemd waits (`WatchdogSec`), as it recommends. */
function watchdogInterval(env: Environment): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const pid = env['WATCHDOG_PID'];
  if (!(microseconds > 0) || (pid !== undefined && pid !== String(process.pid))) return undefined;
  return microseconds / 2000;
}

async function systemdNotify(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', assignments, { stdio: 'ignore' });
    child.on('error', () => resolve()).on('exit', () => resolve());
    child.unref();
  });
}
