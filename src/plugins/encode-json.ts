/** JSON ends with a newline: so a terminal shows the prompt below it. */
export function encodeJson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
