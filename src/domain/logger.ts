/** The part of a logger that the rooms use: fields, and a sentence that stays the same. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
