import type { ErrorObject } from 'ajv';
import { DomainError, type FieldError } from '../domain/errors.ts';
import { printableFault } from '../domain/printable.ts';

/** The part of a request that a schema describes, in Fastify's names. */
export type HttpPart = 'body' | 'querystring' | 'params' | 'headers';

/** Fields named in one error: a hostile request may have thousands that are wrong. */
const MAX_ERRORS = 20;
/** Characters of a name that the error repeats. */
const MAX_NAME = 100;

const WHERE: Readonly<Record<HttpPart, FieldError['in']>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** Turns Ajv's errors into one error that names each field. */
export function validationError(found: readonly ErrorObject[], part: HttpPart): DomainError {
  const tooMany = found.find((each) => each.keyword === 'maxProperties' && each.instancePath === '');
  if (tooMany && part === 'body') {
    const { limit } = tooMany.params as { limit: number };
    return new DomainError('too-large', `the body has more than ${limit} entries`);
  }
  // Ajv reports a bad name twice; the error of `propertyNames` adds nothing.
  const errors = found
    .filter((each) => each.keyword !== 'propertyNames')
    .map((each): FieldError => ({ in: WHERE[part], field: fieldOf(each, part), detail: detailOf(each) }));
  // When both the pattern and the format of a field fail, their messages are the same.
  return invalidFields([...new Map(errors.map((each) => [`${each.field} ${each.detail}`, each])).values()]);
}

/** An error that names up to 20 fields, and says how many more there are. */
export function invalidFields(errors: readonly FieldError[]): DomainError {
  const [first] = errors;
  const rest = errors.length - 1;
  const more = rest > 0 ? ` (and ${rest} more)` : '';
  const text = first ? `${first.field === '' ? `the ${first.in}` : first.field} ${first.detail}${more}` : '';
  return new DomainError('invalid-request', text, { errors: errors.slice(0, MAX_ERRORS) });
}

function fieldOf(error: ErrorObject, part: HttpPart): string {
  const pointer = error.instancePath + childOf(error);
  if (part === 'body') return shortened(pointer, MAX_NAME * 2);
  // The name of a parameter, as the client wrote it; only fields in a body get a JSON pointer.
  return shortened(pointer.slice(1).split('/')[0] ?? '', MAX_NAME);
}

/** Ajv reports some errors of a member at its parent, with the member's name beside the pointer. This is that name. */
function childOf({ keyword, params, propertyName }: ErrorObject): string {
  const { additionalProperty, missingProperty } = params as Record<string, unknown>;
  const name =
    keyword === 'additionalProperties'
      ? additionalProperty
      : keyword === 'required'
        ? missingProperty
        : propertyName;
  return typeof name === 'string' ? `/${escaped(shortened(name, MAX_NAME))}` : '';
}

function detailOf(error: ErrorObject): string {
  const { keyword, params, message } = error;
  const schema: Record<string, unknown> = error.parentSchema ?? {};
  const expects = schema['x-expects'];
  if (keyword === 'additionalProperties') return 'is not a known field';
  if (keyword === 'required') return 'is missing';
  if (keyword === 'type' && error.instancePath === '' && error.data === null) return 'is missing';
  const fault =
    schema['format'] === 'printable' && typeof error.data === 'string'
      ? printableFault(error.data, Number(schema['maxLength']))
      : undefined;
  if (fault !== undefined) return fault;
  if (typeof expects === 'string') return `must be ${expects}`;
  if (keyword === 'enum')
    return `must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
  return message ?? 'is not valid';
}

function shortened(text: string, limit: number): string {
  // Half of a surrogate pair cannot be encoded as UTF-8.
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
