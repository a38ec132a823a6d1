import { Type } from '@sinclair/typebox';
import { wholeNumber } from './setting-types.ts';

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
  connections: wholeNumber('', 1, 1_000_000, {
    default: 20_000,
    description:
      'Maximum open connections of one address; further ones are closed. Not used with `trustProxy`.',
  }),
});
