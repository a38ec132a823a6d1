import { isIP } from 'node:net';
import { Type } from '@sinclair/typebox';
import { isHostName } from './formats.ts';
import { boolean, explainPath, isPath, printableText, textSetting } from './setting-types.ts';

const file = (description: string) =>
  Type.Optional(
    textSetting('the path of a file', isPath, {
      explain: explainPath,
      placeholder: 'FILE',
      offers: 'file',
      description,
    }),
  );

/** How the daemon logs in to Redis, and what its TLS trusts and presents. */
export const redis = Type.Object({
  passwordFile: file('File with the password for Redis, instead of one in `store`; read at each connection.'),
  ca: file('File with the certificates (PEM) of who signs those of Redis. Default: those that Node trusts.'),
  cert: file('File with the certificate (PEM) by which Redis knows this client; read at each connection.'),
  key: file('File with the private key (PEM, not encrypted) of `redis.cert`; read at each connection.'),
  serverName: Type.Optional(
    textSetting('a host name without a port', (text) => isHostName(text) && isIP(text) === 0, {
      placeholder: 'HOST',
      description: 'The name that certificates of Redis must have, instead of the host connected to.',
    }),
  ),
  sentinel: Type.Object({
    user: Type.Optional(
      printableText(128, {
        placeholder: 'USER',
        description: 'The user whose password for the sentinels `redis.sentinel.passwordFile` holds.',
      }),
    ),
    passwordFile: file(
      'File with the password for the sentinels. Default: that of the servers, if they want one.',
    ),
    tls: Type.Optional(
      boolean({
        description: 'Whether sentinels are asked over TLS. Default: as `store` says of the servers.',
      }),
    ),
  }),
});
