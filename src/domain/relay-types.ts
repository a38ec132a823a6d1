/** The types of messages that are passed on between all who watch a map; the setting `relay.types` names more. */
export const RELAY_TYPES = [
  'camera_update',
  'cognitive_update',
  'activation',
  'neural_state_update',
  'token_visualization',
  'control_command',
  'command_ack',
  'WindowUpdate',
] as const;

/** Each of these messages counts: a newer one does not replace it. */
const COMMAND_TYPES: ReadonlySet<string> = new Set(['control_command', 'command_ack']);

/** Makes compositors do something: to send them one takes the scope `command`. */
export const CONTROL_COMMAND = 'control_command';

/** Types that mean something to the daemon itself. */
const OWN_TYPES: ReadonlySet<string> = new Set([
  'tile_update',
  'heartbeat',
  'status',
  'hello',
  'command',
  'reply',
  'register',
  'tiles',
  'lease',
  'leave',
]);

/** The most types that a configuration may add: each sender has a place for each. */
export const MAX_MORE_TYPES = 32;

const NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/;

/** Whether the setting `relay.types` may name this type. */
export function mayBeRelayed(type: string): boolean {
  return NAME.test(type) && !OWN_TYPES.has(type);
}

/** All types that this daemon passes on. */
export function relayTypes(more: readonly string[]): ReadonlySet<string> {
  return new Set([...RELAY_TYPES, ...more]);
}

export function isCommandType(type: string): boolean {
  return COMMAND_TYPES.has(type);
}
