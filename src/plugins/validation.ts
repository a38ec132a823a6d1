import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { FastifyServerOptions } from 'fastify';
import { parseCursor } from '../domain/cursor.ts';
import { parseTileKey } from '../domain/tile.ts';
import { parseRect } from '../domain/view.ts';
import { validationError, type HttpPart } from './field-errors.ts';

/** Formats for schemas, for rules that a pattern cannot express. */
export const FORMATS = {
  'tile-key': (text: string) => parseTileKey(text) !== undefined,
  cursor: (text: string) => parseCursor(text) !== undefined,
  view: (text: string) => parseRect(text) !== undefined,
};

/** Keywords that only document. */
export const ANNOTATIONS = ['x-expects', 'example'];

const COMMON: Options = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  allowUnionTypes: true,
  useDefaults: true,
  // Unknown fields are errors; Ajv must not drop them silently.
  removeAdditional: false,
  // Only properties that the client sent count, not inherited ones such as `toString`.
  ownProperties: true,
  formats: FORMATS,
  // Strict mode and the OpenAPI linter already check our schemas; skipping this makes the start a third faster.
  meta: false,
  validateSchema: false,
};

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type ValidatorFactory = NonNullable<NonNullable<SchemaController['compilersFactory']>['buildValidator']>;

/**
 * Validates requests. Strings are converted to numbers only in the path, query and headers, where everything is a string;
 * in a body, `"5"` is not a port.
 */
export const schemaController: SchemaController = {
  compilersFactory: {
    buildValidator: ((externalSchemas: unknown) => {
      const strict = onFirstUse(() => makeAjv({ coerceTypes: false }, externalSchemas));
      const coercing = onFirstUse(() => makeAjv({ coerceTypes: 'array' }, externalSchemas));
      return ({ schema, httpPart: part }: { schema: object; httpPart: HttpPart }) => {
        const compiled = onFirstUse<ValidateFunction>(() =>
          (part === 'body' ? strict() : coercing()).compile(
            part === 'headers' ? inLowerCase(schema) : schema,
          ),
        );
        return (data: unknown) => {
          const validate = compiled();
          return validate(data) ? { value: data } : { error: validationError(validate.errors ?? [], part) };
        };
      };
      // Fastify's type for this factory allows string schemas only.
    }) as unknown as ValidatorFactory,
  },
};

/** Validates bodies that do not arrive over HTTP. The returned function throws a DomainError that names each field. */
export function bodyCheck(schema: object): (body: unknown) => unknown {
  const compiled = onFirstUse<ValidateFunction>(() => makeAjv({ coerceTypes: false }, {}).compile(schema));
  return (body) => {
    const validate = compiled();
    if (!validate(body)) throw validationError(validate.errors ?? [], 'body');
    return body;
  };
}

/** Schemas are compiled with their first request: all of them together would be a third of the daemon's start. */
function onFirstUse<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Node lower-cases the names of headers; the schemas use the usual spelling. */
function inLowerCase(schema: { properties?: object }): object {
  const properties = Object.entries(schema.properties ?? {});
  return {
    ...schema,
    properties: Object.fromEntries(properties.map(([name, each]) => [name.toLowerCase(), each as unknown])),
  };
}

function makeAjv(options: Options, externalSchemas: unknown): Ajv {
  const ajv = new Ajv({ ...COMMON, ...options });
  for (const keyword of ANNOTATIONS) ajv.addKeyword(keyword);
  for (const schema of Object.values(externalSchemas as Record<string, object>)) ajv.addSchema(schema);
  return ajv;
}
