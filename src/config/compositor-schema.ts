import { Type } from '@sinclair/typebox';
import { isCompositorId, PROTOCOLS } from '../domain/compositor.ts';
import { flagged, isPrintable, oneOf, printable, wholeNumber, written } from './leaf.ts';
import { listOf } from './lists.ts';

/**
 * One compositor as a section of the file describes it; its id is the section's key. What a field may hold is what a
 * registration over HTTP may (routes/schemas/compositor.ts).
 */
export const CompositorSchema = Type.Object({
  id: written('lower-case letters, digits, dots, dashes and underscores, at most 64', readId, {
    description: 'Its id; by default made of its name.',
  }),
  name: printable(128, { description: 'Its name; by default its key.' }),
  version: printable(64, { description: 'The version of its program.' }),
  platform: printable(64, { description: 'Where it runs, such as linux.' }),
  protocol: oneOf(PROTOCOLS, { description: 'How the daemon talks to it.' }),
  address: written('a host name or an IP address, at most 255 characters without spaces', readAddress, {
    description: 'Its host name or IP address; of libp2p, a multiaddr.',
  }),
  port: wholeNumber('', 1, 65_535, { description: 'Its port.' }),
  labels: written('a mapping of at most 64 names to texts of at most 256 characters', readLabels, {
    description: 'Whatever else there is to know of it.',
  }),
  capabilities: written('a list of at most 64 texts of 1 to 64 characters', readCapabilities, {
    description: 'What it can do.',
  }),
  enabled: flagged({ description: 'False: it is listed, but nobody connects to it.' }),
});

function readId(given: unknown): string | undefined {
  return typeof given === 'string' && isCompositorId(given) ? given : undefined;
}

function readLabels(given: unknown): Record<string, string> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const labels = Object.entries(given);
  const fine = labels.every(
    ([key, value]) => /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key) && isLabel(value),
  );
  return fine && labels.length <= 64 ? Object.fromEntries(labels) : undefined;
}

function isLabel(value: unknown): boolean {
  return value === '' || isPrintable(value, 256);
}

function readCapabilities(given: unknown): string[] | undefined {
  const texts = listOf((text) => isPrintable(text, 64))(given);
  return texts && texts.length <= 64 ? texts : undefined;
}

function readAddress(given: unknown): string | undefined {
  return isPrintable(given, 255) && !/\s/.test(given) ? given : undefined;
}
