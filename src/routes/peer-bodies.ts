import { Type } from '@sinclair/typebox';
import { bodyCheck } from '../plugins/validation.ts';
import type { PeerBodies } from '../services/connectors/peer-events.ts';
import { closed, cursor, generation } from './schemas/fields.ts';
import { RegistrationSchema } from './schemas/compositor.ts';
import { TilePatchSchema } from './schemas/tile.ts';

const fence = { generation: Type.Optional(generation()) };

/** Validates messages of compositors with the schemas of the HTTP requests they correspond to. Headers become fields. */
export function peerBodies(): PeerBodies {
  const checks = {
    register: bodyCheck(RegistrationSchema),
    tiles: bodyCheck(Type.Object({ tiles: TilePatchSchema, ...fence }, closed)),
    lease: bodyCheck(Type.Object({ cursor: Type.Optional(cursor()), ...fence }, closed)),
    leave: bodyCheck(Type.Object(fence, closed)),
  };
  // The schemas guarantee the types.
  return checks as PeerBodies;
}
