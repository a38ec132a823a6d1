import { readFileSync } from 'node:fs';

/** A user of Redis with exactly the rights that docs/redis.md names, but for every namespace. */
export interface AclUser {
  /** `user:password@`. */
  readonly login: string;
  /** What makes a redis-server that has it; a line of a sentinel's configuration is `user` and these. */
  readonly rules: readonly string[];
  /** The commands that it may run, as ACL writes them: `client|setname`. */
  readonly commands: readonly string[];
}

const DOCS = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');
const IN_CLUSTER = wordsOf(/^In a cluster also `(.*)`\.$/m);

export function documentedUser(name: 'compositord' | 'sentinel-user', inCluster = false): AclUser {
  const words = [
    ...wordsOf(new RegExp(`^ {4}ACL SETUSER ${name} (.*\\n(?: {6}.*\\n)*)`, 'm')),
    ...(inCluster ? IN_CLUSTER : []),
  ];
  const password = words.find((word) => word.startsWith('>'))!.slice(1);
  return {
    login: `${name}:${password}@`,
    rules: [name, ...words.map((word) => word.replace('{compositord}', '{*}'))],
    commands: words.filter((word) => word.startsWith('+')).map((word) => word.slice(1)),
  };
}

function wordsOf(place: RegExp): string[] {
  const [, text = ''] = place.exec(DOCS) ?? [];
  if (text === '') throw new Error(`docs/redis.md has nothing like ${place.source}`);
  return text.trim().split(/\s+/);
}
