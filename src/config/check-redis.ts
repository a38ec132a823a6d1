import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { passwordIn, sentinelsUseTls } from '../domain/redis-access.ts';
import { parseStoreAddress, storeAddressProblem, type RedisAddress } from '../domain/store-address.ts';
import type { Settings } from './config.ts';
import type { Problem } from './raw-config.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is wrong with the settings `redis` and with their files, for the Redis that `store` names. Without one they mean nothing. */
export function checkRedis(
  settings: Settings,
  origins: ReadonlyMap<string, string>,
  readFile: ReadFile,
): Problem[] {
  const { store, redis } = settings;
  // An invalid address has a problem of its own already.
  if ((store as string | undefined) === undefined || storeAddressProblem(store) !== undefined) return [];
  const address = parseStoreAddress(store);
  if (address.kind === 'folder') return [];
  const problems: Problem[] = [];
  const complain = (path: string, message: string) =>
    void problems.push({ where: origins.get(path)!, message: `${path} ${message}` });
  const check = new RedisCheck(redis, complain, readFile);
  check.login(address);
  check.sentinels(address);
  check.tls(address);
  return problems;
}

class RedisCheck {
  readonly #redis: Settings['redis'];
  readonly #complain: (path: string, message: string) => void;
  readonly #readFile: ReadFile;

  constructor(
    redis: Settings['redis'],
    complain: (path: string, message: string) => void,
    readFile: ReadFile,
  ) {
    this.#redis = redis;
    this.#complain = complain;
    this.#readFile = readFile;
  }

  login({ credentials }: RedisAddress): void {
    const path = 'redis.passwordFile';
    if (this.#redis.passwordFile === undefined) return;
    if (credentials.password !== undefined)
      this.#complain(
        path,
        'is given, and store holds a password, too: keep one of them (a user alone is user:@)',
      );
    this.#password(path, this.#redis.passwordFile);
  }

  sentinels({ kind }: RedisAddress): void {
    const { sentinel } = this.#redis;
    for (const name of ['user', 'passwordFile', 'tls'] as const)
      if (sentinel[name] !== undefined && kind !== 'sentinel')
        this.#complain(
          `redis.sentinel.${name}`,
          'is for a store behind sentinels, such as redis+sentinel://h1,h2/master',
        );
    if (sentinel.user !== undefined && sentinel.passwordFile === undefined)
      this.#complain('redis.sentinel.user', 'needs redis.sentinel.passwordFile, too');
    if (sentinel.passwordFile !== undefined)
      this.#password('redis.sentinel.passwordFile', sentinel.passwordFile);
  }

  tls(address: RedisAddress): void {
    const { ca, cert, key } = this.#redis;
    if (!address.tls && !sentinelsUseTls({ address, access: this.#redis }))
      for (const name of ['ca', 'cert', 'key', 'serverName'] as const)
        if (this.#redis[name] !== undefined)
          this.#complain(`redis.${name}`, 'is for TLS: store then begins with rediss instead of redis');
    if (cert !== undefined && key === undefined) this.#complain('redis.cert', 'needs redis.key, too');
    if (key !== undefined && cert === undefined) this.#complain('redis.key', 'needs redis.cert, too');
    if (ca !== undefined) this.#certificate('redis.ca', ca);
    const own = cert === undefined ? undefined : this.#certificate('redis.cert', cert);
    const secret = key === undefined ? undefined : this.#privateKey(key);
    if (own && secret && !own.checkPrivateKey(secret))
      this.#complain('redis.key', `is not the key of redis.cert: ${key} and ${cert} do not belong together`);
  }

  #password(path: string, file: string): void {
    const text = this.#read(path, file);
    if (text === undefined) return;
    const password = passwordIn(text);
    if (password === '') this.#complain(path, `names ${file}, which is empty`);
    else if (/[\r\n]/.test(password)) this.#complain(path, `names ${file}, which has more than one line`);
  }

  /** The first certificate of the file. */
  #certificate(path: string, file: string): X509Certificate | undefined {
    const text = this.#read(path, file);
    if (text === undefined) return undefined;
    try {
      const [first] = (text.match(CERTIFICATE) ?? []).map((each) => new X509Certificate(each));
      if (first) return first;
    } catch {
      // One that cannot be read is none.
    }
    this.#complain(path, `names ${file}, which holds no certificate in PEM`);
    return undefined;
  }

  #privateKey(file: string): KeyObject | undefined {
    const text = this.#read('redis.key', file);
    if (text === undefined) return undefined;
    if (/ENCRYPTED/.test(text)) {
      const how = `openssl pkey -in ${file} -out NEW_FILE writes it without`;
      this.#complain(
        'redis.key',
        `names ${file}, which is encrypted, and nobody is there to type its passphrase: ${how}`,
      );
      return undefined;
    }
    try {
      return createPrivateKey(text);
    } catch {
      this.#complain('redis.key', `names ${file}, which holds no private key in PEM`);
      return undefined;
    }
  }

  #read(path: string, file: string): string | undefined {
    const read = tryReadFile(file, this.#readFile);
    if ('text' in read) return read.text;
    this.#complain(path, read.problem.replace(/^cannot/, 'names a file that cannot be used: cannot'));
    return undefined;
  }
}
