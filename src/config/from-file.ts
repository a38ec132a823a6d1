import { CompositorSchema } from './compositor-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import {
  emptyRawConfig,
  type Problem,
  type RawCompositor,
  type RawConfig,
  type RawValue,
} from './raw-config.ts';
import { quote, readYaml, toPlain, type Located, type LocatedPair } from './read-yaml.ts';
import { SETTINGS } from './settings.ts';

const PATHS = new Set(SETTINGS.map(({ path }) => path));
const FIELDS = Object.keys(CompositorSchema.properties);
const LISTEN = 'The daemon itself listens where listen says, below daemon:';
const SECTION_FIELDS = FIELDS.filter((field) => field !== 'id');

/** Reads a `compositord.yaml`: `daemon` holds the settings, every other top-level key is a compositor. */
export function fromFile(text: string, file: string): RawConfig {
  const raw = emptyRawConfig();
  const root = readYaml(text, file, raw.problems);
  if (root && !isEmpty(root)) readSections(raw, root);
  return raw;
}

/** Reads a `compositors.json`: a list of compositors, each with the fields of a section and an optional id. */
export function fromList(text: string, file: string): RawConfig {
  const raw = emptyRawConfig();
  const root = readYaml(text, file, raw.problems);
  if (root) readList(raw, root);
  return raw;
}

/** Reads the compositors of a file of either kind, {@link fromFile} or {@link fromList}. */
export function fromEither(text: string, file: string): RawConfig {
  const raw = emptyRawConfig();
  const root = readYaml(text, file, raw.problems);
  if (root?.kind === 'list') readList(raw, root);
  else if (root && !isEmpty(root)) readSections(raw, root);
  return raw;
}

function readSections(raw: RawConfig, root: Located): void {
  if (root.kind !== 'map') {
    const message = 'must be a mapping with the key daemon and compositors';
    raw.problems.push({ where: root.where, message });
    return;
  }
  for (const { key, where, value } of root.pairs) {
    if (key !== 'daemon') readSection(raw, key, where, value);
    // `daemon:` with every line below it commented out is an empty value.
    else if (value.kind === 'map') readGroup(raw, value.pairs, '');
    else if (!isEmpty(value)) raw.problems.push({ where, message: 'daemon must be a mapping of settings' });
  }
}

function readList(raw: RawConfig, root: Located): void {
  if (root.kind !== 'list') {
    raw.problems.push({ where: root.where, message: 'must be a list of compositors' });
    return;
  }
  for (const item of root.items) {
    const { where } = item;
    if (item.kind !== 'map') raw.problems.push({ where, message: 'a compositor must be an object' });
    else raw.compositors.push({ where, fields: fieldsOf(item.pairs, FIELDS, raw.problems) });
  }
}

function readGroup(raw: RawConfig, pairs: readonly LocatedPair[], above: string): void {
  for (const { key, where, value } of pairs) {
    const complain = (message: string) => raw.problems.push({ where, message });
    const path = above + key;
    const first = raw.settings.get(path);
    if (first) complain(`${path} is there twice, first at ${first.where}`);
    else if (PATHS.has(path))
      raw.settings.set(path, { value: toPlain(value), where: value.where, asText: false });
    else if (![...PATHS].some((known) => known.startsWith(`${path}.`)))
      complain(`unknown setting ${quote(path)}.${didYouMean(path, PATHS)}`);
    else if (value.kind === 'map') readGroup(raw, value.pairs, `${path}.`);
    else if (!isEmpty(value)) complain(`${path} must be a mapping of settings, not ${quote(toPlain(value))}`);
  }
}

function readSection(raw: RawConfig, key: string, where: string, value: Located): void {
  const suggestion = didYouMean(key, ['daemon']);
  if (isMisplacedSetting(key, value)) {
    raw.problems.push({ where, message: `${key} is a setting of the daemon: put it below daemon:` });
    return;
  }
  if (value.kind !== 'map') {
    const message = SECTION_FIELDS.includes(key)
      ? `${key} is a field of a compositor: put it below the key of that compositor. ${LISTEN}`
      : `the compositor ${quote(key)} must be a mapping of its fields.${didYouMean(key, ['daemon', ...PATHS])}`;
    raw.problems.push({ where, message });
    return;
  }
  const problems: Problem[] = [];
  const section: RawCompositor = { key, where, fields: fieldsOf(value.pairs, SECTION_FIELDS, problems) };
  if (suggestion && problems.length > 0)
    raw.problems.push({ where, message: `${quote(key)} is taken for a compositor.${suggestion}` });
  raw.problems.push(...problems);
  raw.compositors.push(section);
}

/** A setting, or a group with one, that stands at the top, where compositors are. */
function isMisplacedSetting(key: string, value: Located): boolean {
  if (value.kind !== 'map') return PATHS.has(key);
  return value.pairs.some((pair) => !FIELDS.includes(pair.key) && PATHS.has(`${key}.${pair.key}`));
}

function fieldsOf(
  pairs: readonly LocatedPair[],
  known: readonly string[],
  problems: Problem[],
): Map<string, RawValue> {
  const fields = new Map<string, RawValue>();
  for (const { key, where, value } of pairs) {
    const message = `unknown field ${quote(key)} of a compositor.${didYouMean(key, known)}`;
    if (known.includes(key)) fields.set(key, { value: toPlain(value), where: value.where, asText: false });
    else problems.push({ where, message });
  }
  return fields;
}

function isEmpty(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}
