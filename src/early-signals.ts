/**
 * Imported first of all: from here on a signal counts. A process that is number 1 of its container ignores one that it has no handler for,
 * and starting takes a moment.
 */
const [, , command = ''] = process.argv;
export const isDaemon = command === '' || command.startsWith('-') || command === 'serve';

let hangUp = false;

function end(signal: NodeJS.Signals): void {
  // A daemon that serves nobody yet has nothing to end; any other command was interrupted.
  process.exit(isDaemon ? 0 : 128 + (signal === 'SIGINT' ? 2 : 15));
}

function keepHangUp(): void {
  hangUp = true;
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
if (isDaemon) process.on('SIGHUP', keepHangUp);

/** Whoever calls it has handlers of its own by now. Says whether a SIGHUP came in the meantime. */
export function releaseSignals(): boolean {
  process.off('SIGTERM', end);
  process.off('SIGINT', end);
  process.off('SIGHUP', keepHangUp);
  return hangUp;
}
