import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type GenerateKeyPairResult,
  type JWK,
  type JWTPayload,
} from 'jose';

interface Owner {
  teardown(run: () => unknown): void;
}

/** An issuer of JWTs with its keys at a URL. */
export class JwtIssuer {
  readonly issuer = 'https://login.example';
  readonly audience = 'compositord';
  jwks = '';
  /** The status of the URL. */
  status = 200;
  /** What the URL answers instead of the keys. */
  text: string | undefined;
  /** How often the keys were asked for. */
  asked = 0;
  readonly keys: JWK[] = [];
  readonly #private = new Map<string, GenerateKeyPairResult['privateKey']>();

  static async start(t: Owner): Promise<JwtIssuer> {
    const issuer = new JwtIssuer();
    const server = createServer((_request, response) => {
      issuer.asked += 1;
      response
        .writeHead(issuer.status, { 'content-type': 'application/json' })
        .end(issuer.text ?? issuer.document);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => server.close().closeAllConnections());
    issuer.jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    await issuer.addKey('first');
    return issuer;
  }

  get document(): string {
    return JSON.stringify({ keys: this.keys });
  }

  /** What a daemon is set to. */
  get settings() {
    return { jwks: this.jwks, issuer: this.issuer, audience: [this.audience] };
  }

  async addKey(kid: string, alg = 'ES256', published = true): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    this.#private.set(kid, privateKey);
    if (published) this.keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
  }

  /** A token with these claims; by default good for a minute. */
  async sign(claims: Record<string, unknown>, options: { kid?: string; alg?: string } = {}): Promise<string> {
    const { kid = 'first', alg = 'ES256' } = options;
    const now = Math.floor(Date.now() / 1000);
    const { exp = now + 60, ...rest } = claims;
    return new SignJWT({
      iss: this.issuer,
      aud: this.audience,
      sub: 'alice',
      ...rest,
      ...(exp !== null && { exp }),
    } as JWTPayload)
      .setProtectedHeader({ alg, kid })
      .sign(this.#private.get(kid)!);
  }
}
