import { fileURLToPath } from 'node:url';

/** Where an example lies. */
export function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

/** How to run an example: a command and its first arguments. */
export type Run = readonly [string, ...string[]];
