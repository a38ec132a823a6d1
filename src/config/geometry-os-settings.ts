import { Type } from '@sinclair/typebox';
import { boolean, explainPath, isPath, parsedSetting, textSetting } from './setting-types.ts';

const SWITCH: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [true, 'on'],
  ['true', 'on'],
  [false, 'off'],
  ['false', 'off'],
]);

/** `on`, `off`, or the path of Geometry OS's folder `systems`. */
export const geometryOs = Type.Optional(
  parsedSetting<string>('on, off, or the path of the folder systems of Geometry OS', parseGeometryOs, {
    explain: explainPath,
    placeholder: 'on|off|FOLDER',
    offers: 'file',
    description:
      'Serve the programs of Geometry OS; a path sets more (docs/geometry-os.md). Default: on loopback.',
  }),
);

/** Pictures of bricks. */
export const bricks = Type.Object({
  from: Type.Optional(
    textSetting('a folder, or an http(s) address with {brick} in it', isSource, {
      explain: explainPath,
      placeholder: 'FOLDER|URL',
      offers: 'file',
      description: 'Where pictures of bricks are (docs/geometry-os.md).',
    }),
  ),
  missing: parsedSetting<'draw' | '404'>('one of draw, 404', parseMissing, {
    default: 'draw',
    placeholder: 'draw|404',
    offers: ['draw', '404'],
    description: 'What stands for a picture that is missing: one drawn from the name, or 404.',
  }),
  fromOwners: boolean({
    default: false,
    description: 'Whether missing pictures are requested from the HTTP API of whoever owns such a tile.',
  }),
});

function parseGeometryOs(value: unknown): string | undefined {
  const known = SWITCH.get(value) ?? value;
  return typeof known === 'string' && isPath(known) ? known : undefined;
}

/** `404` is a number in YAML. */
function parseMissing(value: unknown): 'draw' | '404' | undefined {
  return (['draw', '404'] as const).find((known) => known === String(value));
}

function isSource(text: string): boolean {
  if (!text.includes('://')) return isPath(text);
  return /^https?:\/\//.test(text) && URL.canParse(text) && text.includes('{brick}');
}
