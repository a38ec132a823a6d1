import { Type } from '@sinclair/typebox';
import { isAddressRule } from '../domain/address-policy.ts';
import { listOf } from './formats.ts';
import { parsedSetting, seconds, wholeNumber } from './setting-types.ts';

/** How compositors are connected to and watched. */
export const connect = Type.Object({
  allow: parsedSetting<string[] | undefined>(
    'a list of loopback, private, public, and networks such as 10.0.0.0/8',
    listOf(isAddressRule),
    {
      placeholder: 'LIST',
      description:
        'Networks that compositors may be in. Default: public, and loopback if the daemon listens there.',
    },
  ),
  interval: seconds(0.1, 3600, {
    default: 10,
    description: 'Interval between two health checks of a healthy compositor, in seconds.',
  }),
  timeout: seconds(0.1, 300, {
    default: 5,
    description: 'Timeout for connecting to a compositor and for each of its answers, in seconds.',
  }),
  failures: wholeNumber('', 1, 100, {
    default: 3,
    description: 'Number of failures in a row that turn a compositor `disconnected`.',
  }),
  passes: wholeNumber('', 1, 100, {
    default: 1,
    description: 'Number of good answers in a row that turn a compositor `connected`.',
  }),
  forget: Type.Optional(
    seconds(1, 31_536_000, {
      description:
        'Seconds that a listed compositor may be down before its tiles are removed. Default: never.',
    }),
  ),
  perTarget: wholeNumber('', 1, 100_000, {
    default: 256,
    description: 'Maximum connections to one address and port; forwarded requests have as many of their own.',
  }),
  parallel: wholeNumber('', 1, 10_000, {
    default: 64,
    description: 'Maximum concurrent health checks, for each of: healthy, new and failing compositors.',
  }),
});
