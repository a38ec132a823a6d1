import { Type } from '@sinclair/typebox';

const TEXT = '[!#-+\\--\\[\\]-~]{1,128}';

/** The header `Idempotency-Key` of a route. */
export const keyHeader = (description: string) =>
  Type.Optional(
    Type.String({
      // A Structured Field string (draft-ietf-httpapi-idempotency-key-header), or the same without its quotes.
      pattern: `^(?:"[ !#-\\[\\]-~]{1,128}"|${TEXT})$`,
      'x-expects': '1 to 128 printable ASCII characters, in quotes or not',
      description,
      examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    }),
  );

/** The key is the same with and without quotes. */
export function keyOf(headers: Record<string, unknown>): string | undefined {
  const text = headers['idempotency-key'] as string | undefined;
  return text?.startsWith('"') ? text.slice(1, -1) : text;
}
