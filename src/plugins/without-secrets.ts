/** Parts of the names of query parameters in which people put credentials; the daemon itself never reads them there. */
const SECRET_NAME =
  /token|auth|bearer|jwt|secret|pass(?:word|wd|phrase)?$|^pwd$|api[._-]?key|^key$|^sig$|signature|session|cookie|credential|^code$/;

/** Credentials by their form, wherever they stand: our own tokens, JWTs, and `user:password@`. */
const SECRET_TEXTS = [
  [/(cmp_)[A-Za-z0-9_-]+/g, '$1***'],
  [/(eyJ)[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?/g, '$1***'],
  [/(\/[^/?@:]*:)[^/?@]+@/g, '$1***@'],
] as const;

/** The URL with its secrets masked, for the log. */
export function withoutSecrets(url: string): string {
  const masked = url.replace(/([?&;])([^=&;]*)=([^&;]*)/g, (all, before: string, name: string) =>
    SECRET_NAME.test(decoded(name).toLowerCase()) ? `${before}${name}=***` : all,
  );
  return SECRET_TEXTS.reduce((text, [secret, mask]) => text.replace(secret, mask), masked);
}

/** The name without percent signs, however often it was encoded: `%61uth`, `%2561uth`. */
function decoded(name: string): string {
  let text = name;
  for (let i = 0; i < 3 && text.includes('%'); i++)
    text = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return text;
}
