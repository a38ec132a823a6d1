import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox';

/** A reference to a shared schema that keeps its type. */
export function ref<T extends TSchema>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id!}#` });
}
