import type { ErrorObject } from 'ajv';
import { DomainError, type FieldError } from '../domain/errors.ts';

/** Which part of a request a schema is for, as Fastify names them. */
export type HttpPart = 'body' | 'querystring' | 'params' | 'headers';

/** Fields named in one refusal: a hostile request may have thousands. */
const MAX_ERRORS = 20;
/** Characters of a name that is shown back. */
const MAX_NAME = 100;

const WHERE: Readonly<Record<HttpPart, FieldError['in']>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** What Ajv found, as one refusal that names each field. */
export function validationError(found: readonly ErrorObject[], part: HttpPart): DomainError {
  const tooMany = found.find((each) => each.keyword === 'maxProperties' && each.instancePath === '');
  if (tooMany && part === 'body')
    return new DomainError('too-large', `the body has more than ${String(limitOf(tooMany))} entries`);
  // `propertyNames` only repeats what the error about the name itself says.
  const errors = found
    .filter((each) => each.keyword !== 'propertyNames')
    .map((each): FieldError => ({ in: WHERE[part], field: fieldOf(each, part), detail: detailOf(each) }));
  // A pattern and a format that fail together say the same of one field.
  return invalidFields([...new Map(errors.map((each) => [`${each.field} ${each.detail}`, each])).values()]);
}

/** A refusal that names up to 20 fields and says how many more there are. */
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
  // A parameter is named as the client wrote it, not as a pointer.
  return shortened(pointer.slice(1).split('/')[0] ?? '', MAX_NAME);
}

/** The part of the pointer that Ajv keeps apart: the error is about a member, found while looking at its parent. */
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
  const { keyword, params, message, parentSchema } = error;
  const expects = (parentSchema as Record<string, unknown> | undefined)?.['x-expects'];
  if (keyword === 'additionalProperties') return 'is not a known field';
  if (keyword === 'required') return 'is missing';
  if (keyword === 'type' && error.instancePath === '' && error.data === null) return 'is missing';
  if (typeof expects === 'string') return `must be ${expects}`;
  if (keyword === 'enum')
    return `must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
  return message ?? 'is not valid';
}

function limitOf(error: ErrorObject): unknown {
  return (error.params as Record<string, unknown>)['limit'];
}

function shortened(text: string, limit: number): string {
  // Half of a surrogate pair would not survive the way to the client.
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
