import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox';

/** A `$ref` to a shared schema, with the static type of that schema. */
export function ref<T extends TSchema>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id!}#` });
}
