import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { makeCertificate } from '../certificate.ts';
import { temporaryFolder } from '../daemon.ts';

/** A certificate for 127.0.0.1 and map.example, which is its own authority. PEM. */
export async function selfSigned(t: Test): Promise<{ cert: string; key: string }> {
  const folder = await temporaryFolder(t);
  makeCertificate(folder);
  return {
    cert: await readFile(join(folder, 'fullchain.pem'), 'utf8'),
    key: await readFile(join(folder, 'privkey.pem'), 'utf8'),
  };
}
