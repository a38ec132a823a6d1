import { fstatSync } from 'node:fs';

/** Whether the file descriptor leads to the journal of systemd, which names its own in `JOURNAL_STREAM`. */
export function isJournal(fd: number, stream: string | undefined): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** A line of the log with its priority in front, as the journal takes it: `journalctl -p err` then finds errors. */
export function withPriority(line: string): string {
  return `<${priorityOf(Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? INFO))}>${line}`;
}

/** Each line of what is said to the operator, as an error: a command that is a service complains, and says nothing else. */
export function asErrors(text: string): string {
  return text.replace(/^(?=[^\n])/gm, `<${priorityOf(ERROR)}>`);
}

/** Levels of pino. */
const [INFO, WARN, ERROR, FATAL] = [30, 40, 50, 60];

/** That of syslog: 2 is critical, 3 an error, 4 a warning, 6 information, 7 for debugging. */
function priorityOf(level: number): number {
  if (level >= FATAL) return 2;
  if (level >= ERROR) return 3;
  if (level >= WARN) return 4;
  return level >= INFO ? 6 : 7;
}
