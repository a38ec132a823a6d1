/** The log of a part of which a test expects no failures. */
export const loud = { error: (fields: object, message: string) => console.error(message, fields) };
