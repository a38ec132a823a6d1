import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Self-signed, for map.example and 127.0.0.1 and an hour's need: `privkey.pem` and `fullchain.pem` in `dir`. */
export function makeCertificate(dir: string): void {
  const names = ['-subj', '/CN=map.example', '-addext', 'subjectAltName=DNS:map.example,IP:127.0.0.1'];
  const files = ['-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const { status, stderr } = spawnSync('openssl', ['req', ...kind, ...files, ...names], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
}
