import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import type { FastifyServerOptions } from 'fastify';
import { parseCursor } from '../domain/cursor.ts';
import { isEmptyOrPrintable } from '../domain/printable.ts';
import { parseTileKey } from '../domain/tile.ts';
import { parseRect } from '../domain/view.ts';
import { validationError, type HttpPart } from './field-errors.ts';
import { isSmall } from './json-size.ts';
import { WarmUp } from './warm-up.ts';

/** Formats for schemas, for rules that a pattern cannot express. */
export const FORMATS = {
  'tile-key': (text: string) => parseTileKey(text) !== undefined,
  cursor: (text: string) => parseCursor(text) !== undefined,
  view: (text: string) => parseRect(text) !== undefined,
  printable: isEmptyOrPrintable,
};

/** Keywords that only document. */
export const ANNOTATIONS = ['x-expects', 'example'];

const COMMON: Options = {
  // An error then holds the schema that it broke, which may say in words what it expects.
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
export const schemaController = (warmUp: WarmUp): SchemaController => ({
  compilersFactory: {
    buildValidator: ((externalSchemas: unknown) => {
      const strict = new Validators({ coerceTypes: false }, externalSchemas, warmUp);
      const coercing = new Validators({ coerceTypes: 'array' }, externalSchemas, warmUp);
      return ({ schema, httpPart: part }: { schema: object; httpPart: HttpPart }) => {
        const validate = (part === 'body' ? strict : coercing).compile(
          part === 'headers' ? inLowerCase(schema) : schema,
        );
        return (data: unknown) => {
          const errors = validate(data);
          return errors ? { error: validationError(errors, part) } : { value: data };
        };
      };
      // Fastify's type for this factory allows string schemas only.
    }) as unknown as ValidatorFactory,
  },
});

/** Validates bodies that do not arrive over HTTP. The returned function throws a DomainError that names each field. */
export function bodyCheck(schema: object): (body: unknown) => unknown {
  const validate = new Validators({ coerceTypes: false }, {}, new WarmUp()).compile(schema);
  return (body) => {
    const errors = validate(body);
    if (errors) throw validationError(errors, 'body');
    return body;
  };
}

/**
 * Validates up to the first error, and what is small once more, to name every error. A body of 1 MiB may hold 100,000 of
 * them: to collect them all took two seconds and 400 MB.
 */
class Validators {
  readonly #warmUp: WarmUp;
  readonly #first: () => Ajv;
  readonly #all: () => Ajv;

  constructor(options: Options, externalSchemas: unknown, warmUp: WarmUp) {
    this.#warmUp = warmUp;
    this.#first = warmUp.onFirstUse(() => makeAjv(options, externalSchemas));
    this.#all = warmUp.onFirstUse(() => makeAjv({ ...options, allErrors: true }, externalSchemas));
  }

  /** The returned function gives the errors of its argument; undefined when it is valid. */
  compile(schema: object): (data: unknown) => readonly ErrorObject[] | undefined {
    const first = this.#warmUp.onFirstUse<ValidateFunction>(() => this.#first().compile(schema));
    // Not before it is needed: most routes never see a wrong request.
    let all: ValidateFunction | undefined;
    return (data) => {
      const validate = first();
      if (validate(data)) return undefined;
      const found = validate.errors ?? [];
      if (!isSmall(data)) return found;
      all ??= this.#all().compile(schema);
      return all(data) ? found : (all.errors ?? found);
    };
  }
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
