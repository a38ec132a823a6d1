import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type PinoPretty from 'pino-pretty';

interface LogSettings {
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
}

/** Commands print to stdout, so the log goes to stderr unless `override` names a stream. Each line has the `fields`. */
export function createLogger(
  settings: LogSettings,
  override?: LoggerOptions | DestinationStream,
  fields?: object,
): Logger {
  const logger = plainLogger(settings, override);
  return fields ? logger.child(fields) : logger;
}

function plainLogger({ level, format }: LogSettings, override?: LoggerOptions | DestinationStream): Logger {
  if (override && 'write' in override) return pino({ level }, override);
  const pretty = format === 'pretty' || (format === 'auto' && isatty(2));
  return pino({ level, ...override }, pretty ? prettyStream() : pino.destination({ dest: 2, sync: true }));
}

/** Loads pino-pretty only here: a daemon that logs JSON must not pay for it. By itself it obeys NO_COLOR. */
function prettyStream(): DestinationStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  return pretty({ destination: 2, sync: true, ...(!isatty(2) && { colorize: false }) });
}
