import { CompositorSchema } from './compositor-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import { nothingGiven, type Given, type GivenCompositor, type GivenConfig } from './given.ts';
import type { Problem } from './problem.ts';
import { plain, readYaml, show, type Located, type LocatedPair } from './read-yaml.ts';
import { SETTINGS } from './settings.ts';

const PATHS = new Set(SETTINGS.map(({ path }) => path));
const SECTION_FIELDS = Object.keys(CompositorSchema.properties).filter((field) => field !== 'id');

/** What a `compositord.yaml` says: `daemon` holds the settings, every other top-level key is a compositor. */
export function fromFile(text: string, file: string): GivenConfig {
  const given = nothingGiven();
  const { root, problems } = readYaml(text, file);
  given.problems.push(...problems);
  if (!root || isNothing(root)) return given;
  if (root.kind !== 'map') {
    given.problems.push({
      where: root.where,
      message: 'must be a mapping with the key daemon and compositors',
    });
    return given;
  }
  for (const { key, where, value } of root.pairs) {
    if (key !== 'daemon') readSection(given, key, where, value);
    // `daemon:` with every line below it commented out is an empty value.
    else if (value.kind === 'map') readGroup(given, value.pairs, '');
    else if (!isNothing(value))
      given.problems.push({ where, message: 'daemon must be a mapping of settings' });
  }
  return given;
}

/** What a `compositors.json` says: a list of compositors, each with the fields of a section, and an id if it wants one. */
export function fromList(text: string, file: string): GivenConfig {
  const given = nothingGiven();
  const { root, problems } = readYaml(text, file);
  given.problems.push(...problems);
  if (!root) return given;
  if (root.kind !== 'list') {
    given.problems.push({ where: root.where, message: 'must be a list of compositors' });
    return given;
  }
  for (const item of root.items) {
    const { where } = item;
    if (item.kind !== 'map') given.problems.push({ where, message: 'a compositor must be an object' });
    else
      given.compositors.push({
        where,
        fields: fieldsOf(item.pairs, ['id', ...SECTION_FIELDS], given.problems),
      });
  }
  return given;
}

function readGroup(given: GivenConfig, pairs: readonly LocatedPair[], above: string): void {
  for (const { key, where, value } of pairs) {
    const path = above + key;
    const twice = given.settings.get(path);
    if (twice) given.problems.push({ where, message: `${path} is there twice, first at ${twice.where}` });
    else if (PATHS.has(path))
      given.settings.set(path, { value: plain(value), where: value.where, asText: false });
    else if (![...PATHS].some((known) => known.startsWith(`${path}.`)))
      given.problems.push({ where, message: `unknown setting ${show(path)}.${didYouMean(path, PATHS)}` });
    else if (value.kind === 'map') readGroup(given, value.pairs, `${path}.`);
    else if (!isNothing(value))
      given.problems.push({
        where,
        message: `${path} must be a mapping of settings, not ${show(plain(value))}`,
      });
  }
}

function readSection(given: GivenConfig, key: string, where: string, value: Located): void {
  const slip = didYouMean(key, ['daemon']);
  if (value.kind !== 'map') {
    given.problems.push({
      where,
      message: `the compositor ${show(key)} must be a mapping of its fields.${slip}`,
    });
    return;
  }
  const problems: Problem[] = [];
  const section: GivenCompositor = { key, where, fields: fieldsOf(value.pairs, SECTION_FIELDS, problems) };
  if (slip && problems.length > 0)
    given.problems.push({ where, message: `${show(key)} is taken for a compositor.${slip}` });
  given.problems.push(...problems);
  given.compositors.push(section);
}

function fieldsOf(
  pairs: readonly LocatedPair[],
  known: readonly string[],
  problems: Problem[],
): Map<string, Given> {
  const fields = new Map<string, Given>();
  for (const { key, where, value } of pairs) {
    if (known.includes(key)) fields.set(key, { value: plain(value), where: value.where, asText: false });
    else
      problems.push({
        where,
        message: `unknown field ${show(key)} of a compositor.${didYouMean(key, known)}`,
      });
  }
  return fields;
}

function isNothing(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}
