import { Type } from '@sinclair/typebox';
import { parseSize } from './formats.ts';
import { parsedSetting, wholeNumber } from './setting-types.ts';

/** Less would not hold the largest body beside another client's. */
const parseBodyBytes = (value: unknown) => {
  const size = parseSize(value);
  return size !== undefined && size >= 2 ** 22 && size <= 2 ** 40 ? size : undefined;
};

/** How much one client may ask for. */
export const limits = Type.Object({
  requests: wholeNumber('', 1, 1_000_000, {
    default: 5000,
    description:
      'Maximum requests per second of one token or address, averaged over 10 s; further ones get 429.',
  }),
  streams: Type.Optional(
    wholeNumber('', 1, 1_000_000, {
      description:
        'Maximum streams and sockets of one token or address. Default: 9/10 of `stream.maxReaders`.',
    }),
  ),
  polls: wholeNumber('', 1, 1_000_000, {
    default: 10_000,
    description: 'Maximum long polls of one token, and of one address, that wait at the same time.',
  }),
  bodies: parsedSetting('bytes from 4 MiB to 1 TiB, such as 64 MiB', parseBodyBytes, {
    default: '32 MiB',
    placeholder: 'SIZE',
    description:
      'Maximum memory for request bodies being received; one token or address may take half of it.',
  }),
  connections: wholeNumber('', 1, 1_000_000, {
    default: 20_000,
    description:
      'Maximum open connections of one address; further ones are closed. Not used with `trustProxy`.',
  }),
});
