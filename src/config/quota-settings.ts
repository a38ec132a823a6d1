import { Type } from '@sinclair/typebox';
import { parseSize } from './formats.ts';
import { parsedSetting, wholeNumber } from './setting-types.ts';

/** Smallest quota in bytes: less would not hold one full entry. */
const parseQuotaBytes = (value: unknown) => {
  const size = parseSize(value);
  return size !== undefined && size >= 1024 && size <= 2 ** 40 ? size : undefined;
};
const QUOTA_BYTES = 'bytes from 1 KiB to 1 TiB, such as 200 MiB';

/** How much the store may hold. */
export const quota = Type.Object({
  compositors: wholeNumber('', 1, 1_000_000, {
    default: 10_000,
    description: 'Maximum number of compositors.',
  }),
  tiles: Type.Optional(
    wholeNumber('', 1, 100_000_000, {
      description: 'Maximum number of tiles. Default: as many as `quota.bytes` allows.',
    }),
  ),
  regions: wholeNumber('', 1, 10_000, {
    default: 1000,
    description: 'Maximum number of regions.',
  }),
  bytes: Type.Optional(
    parsedSetting(QUOTA_BYTES, parseQuotaBytes, {
      placeholder: 'SIZE',
      description: 'Maximum size of the manifest in memory (docs/operations.md). Default: by the memory.',
    }),
  ),
  entryBytes: parsedSetting(QUOTA_BYTES, parseQuotaBytes, {
    default: '32 KiB',
    placeholder: 'SIZE',
    description: "Maximum size of one compositor's entry as JSON.",
  }),
  tilesPerCompositor: Type.Optional(
    wholeNumber('', 1, 100_000_000, {
      description: 'Maximum number of tiles of one compositor. Default: no limit of its own.',
    }),
  ),
  tilesPerToken: wholeNumber('', 1, 100_000_000, {
    default: 50_000,
    description: 'Maximum tiles of a token that is limited to `compositors` and names no quota of tiles.',
  }),
  bytesPerCompositor: Type.Optional(
    parsedSetting(QUOTA_BYTES, parseQuotaBytes, {
      placeholder: 'SIZE',
      description: 'Maximum size of one compositor with its tiles, counted as `quota.bytes`. Default: none.',
    }),
  ),
});
