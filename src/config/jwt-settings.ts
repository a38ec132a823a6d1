import { Type } from '@sinclair/typebox';
import { isPrintable } from '../domain/printable.ts';
import { listOf } from './formats.ts';
import { explainPath, isPath, parsedSetting, seconds, textSetting } from './setting-types.ts';

/** Only those with a public key: the key of the others would let the daemon make tokens, too. */
const JWT_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Whose JWTs are accepted as tokens. */
export const jwt = Type.Object({
  jwks: Type.Optional(
    textSetting('an http(s) address, or the path of a file', isKeySet, {
      explain: explainPath,
      placeholder: 'FILE|URL',
      offers: 'file',
      description: 'The public keys (JWKS) of the issuer whose JWTs are accepted.',
    }),
  ),
  issuer: Type.Optional(
    textSetting('the issuer as it names itself, such as https://login.example', isClaim, {
      placeholder: 'TEXT',
      description: 'The issuer: the claim `iss` must be this.',
    }),
  ),
  audience: Type.Optional(
    parsedSetting<string[]>('a list of texts', listOf(isClaim), {
      placeholder: 'LIST',
      description: 'The audience: the claim `aud` must contain one of these.',
    }),
  ),
  algorithms: parsedSetting(`a list out of ${JWT_ALGORITHMS.join(', ')}`, listOf(isJwtAlgorithm), {
    default: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    placeholder: 'LIST',
    offers: JWT_ALGORITHMS,
    description: 'The algorithms by which JWTs may be signed.',
  }),
  tolerance: seconds(0, 600, {
    default: 30,
    description: 'How far the clocks of the issuer and of the daemon may differ, in seconds.',
  }),
});

function isKeySet(text: string): boolean {
  return /^https?:\/\//.test(text) ? URL.canParse(text) : isPath(text);
}

function isClaim(text: string): boolean {
  return isPrintable(text, 256);
}

function isJwtAlgorithm(text: string): boolean {
  return JWT_ALGORITHMS.includes(text);
}
