import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { FastifyServerOptions } from 'fastify';
import { parseCursor } from '../domain/cursor.ts';
import { parseTileKey } from '../domain/tile.ts';
import { parseRect } from '../domain/view.ts';
import { validationError, type HttpPart } from './field-errors.ts';

/** The formats that schemas may name, besides plain patterns: what a pattern cannot say. */
export const FORMATS = {
  'tile-key': (text: string) => parseTileKey(text) !== undefined,
  cursor: (text: string) => parseCursor(text) !== undefined,
  view: (text: string) => parseRect(text) !== undefined,
};

/** Keywords that only describe. */
export const ANNOTATIONS = ['x-expects', 'example'];

const COMMON: Options = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  allowUnionTypes: true,
  useDefaults: true,
  // An unknown field is an error: never dropped in silence.
  removeAdditional: false,
  // `toString` is on every object: only what the client sent counts.
  ownProperties: true,
  formats: FORMATS,
  // The schemas are ours: strict mode and the linter of the contract check them, and a third of the start is saved.
  meta: false,
  validateSchema: false,
};

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type ValidatorFactory = NonNullable<NonNullable<SchemaController['compilersFactory']>['buildValidator']>;

/**
 * How Fastify checks requests. Texts become numbers only where everything is text; a body says what it means, so
 * that `"5"` is no port there.
 */
export const schemaController: SchemaController = {
  compilersFactory: {
    buildValidator: ((externalSchemas: unknown) => {
      const strict = makeAjv({ coerceTypes: false }, externalSchemas);
      const coercing = makeAjv({ coerceTypes: 'array' }, externalSchemas);
      return ({ schema, httpPart: part }: { schema: object; httpPart: HttpPart }) => {
        const validate: ValidateFunction = (part === 'body' ? strict : coercing).compile(
          part === 'headers' ? inLowerCase(schema) : schema,
        );
        return (data: unknown) =>
          validate(data) ? { value: data } : { error: validationError(validate.errors ?? [], part) };
      };
      // Fastify types what comes in as strings alone.
    }) as unknown as ValidatorFactory,
  },
};

/** The check of bodies, for what comes in by another way than HTTP. What it returns throws a DomainError that names each field. */
export function bodyCheck(schema: object): (body: unknown) => unknown {
  const validate: ValidateFunction = makeAjv({ coerceTypes: false }, {}).compile(schema);
  return (body) => {
    if (!validate(body)) throw validationError(validate.errors ?? [], 'body');
    return body;
  };
}

/** Node knows headers in lower case only; the contract names them as people write them. */
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
