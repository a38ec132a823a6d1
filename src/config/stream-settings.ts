import { Type } from '@sinclair/typebox';
import { parseSize } from './formats.ts';
import { parsedSetting, seconds, wholeNumber } from './setting-types.ts';

const BYTES = 'bytes from 64 KiB to 1 TiB, such as 1048576 or 64 MiB';

const parseBytes = (value: unknown) => {
  const size = parseSize(value);
  return size !== undefined && size >= 2 ** 16 && size <= 2 ** 40 ? size : undefined;
};

/** What is kept so that readers can resume. */
export const history = Type.Object({
  commits: wholeNumber('', 1, 1_000_000, {
    default: 10_000,
    description: 'Minimum number of commits to keep for resuming.',
  }),
  seconds: seconds(0, 604_800, {
    default: 300,
    description: 'Minimum time to keep a commit for resuming, in seconds.',
  }),
  bytes: parsedSetting(BYTES, parseBytes, {
    default: '64 MiB',
    placeholder: 'SIZE',
    description: 'Maximum size of the history; it overrides the two minimums above.',
  }),
});

/** The streams of readers. */
export const stream = Type.Object({
  heartbeat: seconds(0.1, 300, {
    default: 15,
    description: 'Interval of heartbeats on a stream that has nothing to send, in seconds.',
  }),
  maxAge: seconds(1, 604_800, {
    default: 1800,
    description: 'Maximum age of a stream, in seconds; readers then reconnect and spread over the replicas.',
  }),
  retry: seconds(0.1, 300, {
    default: 2,
    description: 'Approximate reconnect delay, in seconds.',
  }),
  buffer: parsedSetting(BYTES, parseBytes, {
    default: '1 MiB',
    placeholder: 'SIZE',
    description: 'Maximum amount of changes kept for a slow reader; beyond it, the reader gets a snapshot.',
  }),
  maxReaders: wholeNumber('', 1, 1_000_000, {
    default: 15_000,
    description: 'Maximum number of open streams.',
  }),
});
