import { Type } from '@sinclair/typebox';
import { bodyCheck } from '../plugins/validation.ts';
import type { PeerBodies } from '../services/connectors/peer-requests.ts';
import { closed } from './parameters.ts';
import { RegistrationSchema } from './schemas/compositor.ts';
import { cursor, generation } from './schemas/text.ts';
import { TilePatchSchema } from './schemas/tile.ts';

const fence = { generation: Type.Optional(generation()) };

/** The messages of peers, by the schemas of the requests that they stand for. What HTTP carries in a header is a field here. */
export function peerBodies(): PeerBodies {
  const checks = {
    register: bodyCheck(RegistrationSchema),
    tiles: bodyCheck(Type.Object({ tiles: TilePatchSchema, ...fence }, closed)),
    lease: bodyCheck(Type.Object({ cursor: Type.Optional(cursor()), ...fence }, closed)),
    leave: bodyCheck(Type.Object(fence, closed)),
  };
  // What a schema lets through is of its type.
  return checks as PeerBodies;
}
