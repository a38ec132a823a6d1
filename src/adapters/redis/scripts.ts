import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import { codeOf, lacksUnnamedRight, withMissingRights } from './redis-errors.ts';
import type { Arguments, RedisConnection, Reply } from './redis-connection.ts';

/** A Lua script, which Redis knows by its hash once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
  /** It changes data: without an answer nobody knows whether it did. */
  readonly writes: boolean;
}

const READS = ' flags=no-writes';

const read = (name: string) => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');

/**
 * The first line is what makes Redis refuse a script as a whole, before it starts: without it (or with `allow-oom`)
 * one that runs out of memory would be cut off between two writes.
 */
function script(name: string, flags: string): Script {
  const text = `#!lua${flags}\n${read('commit-log')}${read(name)}`;
  return { text, sha: createHash('sha1').update(text).digest('hex'), writes: flags !== READS };
}

export const SCRIPTS = {
  commit: script('commit', ''),
  fill: script('fill', ''),
  // It changes numbers in place. If Redis refused it while memory is short, every compositor would go stale.
  renew: script('renew', ' flags=allow-oom'),
  // It writes one line a compositor. If Redis refused it while memory is short, every connector would close.
  claim: script('claim', ' flags=allow-oom'),
  release: script('release', ' flags=allow-oom'),
  // They give memory back. A step without an answer is no question: the next sweep finds what is left.
  sweep: { ...script('sweep', ' flags=allow-oom'), writes: false },
  swept: { ...script('swept', ' flags=allow-oom'), writes: false },
  // Without a flag, so that Redis treats it as a write; it is none, so one without an answer is no question.
  writable: { ...script('writable', ''), writes: false },
  withdrawn: script('withdrawn', READS),
  head: script('head', READS),
  read: script('read', READS),
  leases: script('leases', READS),
  rights: script('rights', READS),
} as const;

/** `timeout` in milliseconds, as of a call. */
export async function runScript(
  connection: RedisConnection,
  script: Script,
  keys: readonly string[],
  args: Arguments = [],
  timeout: number = STORE_TIMEOUT,
): Promise<Reply> {
  try {
    return await run(connection, script, keys, args, timeout);
  } catch (error) {
    if (!lacksUnnamedRight(error)) throw error;
    // Redis 7.0 says that a command was refused inside of the script, and not which one.
    const missing = await run(connection, SCRIPTS.rights, keys.slice(0, 1), [], timeout).catch(() => []);
    throw withMissingRights(error, missing as readonly string[]);
  }
}

async function run(
  connection: RedisConnection,
  script: Script,
  keys: readonly string[],
  args: Arguments,
  timeout: number,
): Promise<Reply> {
  const { writes } = script;
  const send = (command: string, first: string) =>
    connection.call(command, [first, keys.length, ...keys, ...args], { writes, timeout });
  try {
    return await send('evalsha', script.sha);
  } catch (error) {
    // After a restart, a failover or SCRIPT FLUSH: Redis ran nothing, and learns the script by running it.
    if (codeOf(error) !== 'NOSCRIPT') throw error;
    return send('eval', script.text);
  }
}
