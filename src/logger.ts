import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type PinoPretty from 'pino-pretty';
import { stderrDestination, type LogDestination } from './adapters/log-destination.ts';
import { HARMFUL_IN_JSON, harmlessJson, printable } from './domain/printable.ts';

interface LogSettings {
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
}

interface LogExtras {
  /** A stream instead of stderr, or more options. */
  readonly override?: LoggerOptions | DestinationStream | undefined;
  /** Fields of each line. */
  readonly fields?: object | undefined;
  /** Called for each line: fields that depend on what runs just then. */
  readonly mixin?: (() => object) | undefined;
}

/** Commands print to stdout, so the log goes to stderr unless `override` names a stream. */
export function createLogger(settings: LogSettings, { override, fields, mixin }: LogExtras = {}): Logger {
  const logger = plainLogger(settings, { ...(mixin && { mixin }) }, override);
  return fields ? logger.child(fields) : logger;
}

function plainLogger(
  { level, format }: LogSettings,
  extras: Pick<LoggerOptions, 'mixin'>,
  override?: LoggerOptions | DestinationStream,
): Logger {
  if (override && 'write' in override) return pino({ level, ...extras }, override);
  const destination = stderrDestination();
  const pretty = format === 'pretty' || (format === 'auto' && isatty(2));
  const logger = pino(
    { level, ...extras, ...override },
    pretty ? prettyStream(destination) : { write: (line) => destination.write(harmlessJson(line)) },
  );
  destination.onDropped = (dropped) =>
    logger.warn({ dropped }, 'lines of the log were dropped: nobody was reading it');
  return logger;
}

/**
 * Loads pino-pretty only here: a daemon that logs JSON must not pay for it. By itself it would look at stdout, and colour what goes
 * into a file; styleText knows NO_COLOR, FORCE_COLOR and what stderr is.
 */
function prettyStream(destination: LogDestination): DestinationStream {
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  const colorize = styleText('red', '-', { stream: process.stderr }) !== '-';
  const format = prettyFactory({ colorize, singleLine: true, ignore: 'pid,hostname' });
  // It leaves out some controls, and nothing that turns the direction of writing.
  return { write: (line) => destination.write(format(line).replace(HARMFUL_IN_JSON, printable)) };
}
