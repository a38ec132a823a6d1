import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The paths of a certificate and of its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The path of its own certificate. */
  readonly ca: string;
  /** Makes a certificate for servers and clients. `names` as a subjectAltName has them; `days` below 0: it has expired. */
  issue(name: string, options?: { readonly names?: string; readonly days?: number }): KeyPair;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority of its own, whose files lie in `dir` and begin with `name`. */
export function makeAuthority(dir: string, name = 'ca'): Authority {
  const file = (part: string) => join(dir, `${name}-${part}`);
  const [ca, caKey] = [file('ca.crt'), file('ca.key')];
  openssl(['req', '-x509', ...NEW_KEY, '-days', '2', '-keyout', caKey, '-out', ca, '-subj', `/CN=${name}`]);
  return {
    ca,
    issue(whose, { names = 'IP:127.0.0.1,DNS:localhost', days = 2 } = {}) {
      const [cert, key, request] = [file(`${whose}.crt`), file(`${whose}.key`), file(`${whose}.csr`)];
      const subject = ['-subj', `/CN=${whose}`, '-addext', `subjectAltName=${names}`];
      openssl(['req', ...NEW_KEY, '-keyout', key, '-out', request, ...subject]);
      const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-copy_extensions', 'copy'];
      openssl(['x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', cert]);
      return { cert, key };
    },
  };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
