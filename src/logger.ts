import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** Standard output is for what commands print: the log goes to standard error, unless `override` says where. */
export function createLogger(level: string, override?: LoggerOptions | DestinationStream): Logger {
  if (override && 'write' in override) return pino({ level }, override);
  return pino({ level, ...override }, pino.destination({ dest: 2, sync: true }));
}
