import { isIP } from 'node:net';

/** Whether only programs on this machine can reach a server that listens at `host`. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
