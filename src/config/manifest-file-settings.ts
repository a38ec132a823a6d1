import { Type } from '@sinclair/typebox';
import { isCompositorId } from '../domain/compositor.ts';
import { explainPath, isPath, textSetting } from './setting-types.ts';

/** InfiniteMap's file on a disk. */
export const manifestFile = Type.Optional(
  textSetting('the path of a file', isPath, {
    explain: explainPath,
    placeholder: 'FILE',
    offers: 'file',
    description: 'A file `{"x,y": {brick, timestamp}}` to keep equal to the map, whoever else writes it.',
  }),
);

export const manifestFileOwner = textSetting(
  'lower-case letters, digits, dots, dashes and underscores, at most 64',
  isCompositorId,
  {
    default: 'file',
    placeholder: 'ID',
    description: 'The id of the compositor for which tiles are read from that file.',
  },
);
