import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { IpAddress } from './ip-address.ts';

/** Milliseconds for a first answer of a name server, and how often it is asked; the second time it has twice as long. */
const TIMEOUT = 1000;
const TRIES = 2;
/** Milliseconds to wait for the addresses of the other family once there are some (RFC 8305 says 50). */
const OTHER_FAMILY = 50;

export interface NameServerOptions {
  /** `address:port`; by default those of the system. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly resolvFile?: string;
}

/**
 * Finds names in the hosts file and at the name servers, without the threads of the system's resolver: any number of lookups
 * can wait at the same time, and each has sockets of its own, so that one silent name delays no other. It reads the system's
 * files each time, because a container's may change.
 */
export class NameServer {
  readonly #options: NameServerOptions;

  constructor(options: NameServerOptions = {}) {
    this.#options = options;
  }

  /** The addresses of `name`; none when it is not there, for which the system may know another source. Rejects on silence. */
  async resolve(name: string): Promise<readonly IpAddress[]> {
    const { hostsFile = '/etc/hosts', resolvFile = '/etc/resolv.conf' } = this.#options;
    const known = hostsOf(await textOf(hostsFile), name);
    if (known.length > 0) return known;
    for (const full of fullNames(await textOf(resolvFile), name)) {
      const found = await this.#query(full);
      if (found.length > 0) return found;
    }
    return [];
  }

  async #query(name: string): Promise<IpAddress[]> {
    const resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES });
    if (this.#options.servers) resolver.setServers(this.#options.servers);
    const found: IpAddress[] = [];
    const ask = async (family: 4 | 6) => {
      const all = family === 4 ? await resolver.resolve4(name) : await resolver.resolve6(name);
      found.push(...all.map((address) => ({ address, family })));
    };
    let late: NodeJS.Timeout | undefined;
    const asked = [ask(4), ask(6)];
    try {
      const settled = Promise.allSettled(asked);
      const first = Promise.any(asked).then(
        () => new Promise<void>((resolve) => (late = setTimeout(resolve, OTHER_FAMILY))),
        () => undefined,
      );
      await Promise.race([settled, first]);
      if (found.length > 0) return found;
      const [problem] = (await settled).flatMap((each) => (isSilence(each) ? [each.reason as Error] : []));
      if (problem) throw problem;
      return [];
    } finally {
      clearTimeout(late);
      resolver.cancel();
    }
  }
}

function isSilence(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected' && (result.reason as NodeJS.ErrnoException).code === 'ETIMEOUT';
}

/** The addresses that a hosts file gives `name`. */
export function hostsOf(text: string, name: string): IpAddress[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((each) => each.toLowerCase() === wanted) ? [{ address, family }] : [];
  });
}

/** The names to ask for, in order, by the `search` and `ndots` of a resolv.conf. */
export function fullNames(text: string, name: string): string[] {
  if (name.endsWith('.')) return [name];
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const search = lines.findLast(([key]) => key === 'search' || key === 'domain')?.slice(1) ?? [];
  const options = lines.filter(([key]) => key === 'options').flat();
  const ndots = Number(
    /^ndots:([0-9]+)$/.exec(options.findLast((each) => each.startsWith('ndots:')) ?? '')?.[1] ?? 1,
  );
  const longer = search
    .filter((domain) => domain !== '.')
    .map((domain) => `${name}.${domain.replace(/\.$/, '')}.`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [`${name}.`, ...longer] : [...longer, `${name}.`];
}

/** Not every system has these files. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
