/**
 * What a peer did that is not as it should be, and of no consequence but to be counted:
 *
 * - `garbage`: a message that is no JSON object, or binary.
 * - `unknown`: a type of message that nobody knows.
 * - `invalid`: a known one with fields that cannot be.
 * - `refused`: a tile that the rules refuse, such as another's.
 * - `late`: a reply that nobody waits for (any more).
 * - `flood`: a message passed over because there were too many of its kind.
 */
export type ProtocolViolation = 'garbage' | 'unknown' | 'invalid' | 'refused' | 'late' | 'flood';

export const PROTOCOL_VIOLATIONS: readonly ProtocolViolation[] = [
  'garbage',
  'unknown',
  'invalid',
  'refused',
  'late',
  'flood',
];

export type CountViolation = (what: ProtocolViolation, times?: number) => void;

export interface ConnectorLog {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
