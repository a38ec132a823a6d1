import { Type, type Static } from '@sinclair/typebox';
import { REGION_ID_PATTERN, type Region } from '../../domain/region.ts';
import { LeaseSchema } from './compositor.ts';
import { closed, component, compositorId, cursor, generation, printable, rectangle, ref } from './fields.ts';

const rect = Type.String({
  description: 'Its cells, `x1,y1,x2,y2` with x1 <= x2 and y1 <= y2; the corners are included.',
  examples: ['0,0,31,31'],
});

export const regionId = (options: object = {}) =>
  Type.String({
    pattern: REGION_ID_PATTERN,
    'x-expects': 'the id of a region, as its reservation gave it',
    description: 'The id of a region.',
    examples: ['R3kX9mQ2vT7a'],
    ...options,
  });

export const REGION_FIELDS = {
  rect,
  compositor: compositorId({ description: 'The compositor that holds it.' }),
  purpose: Type.String({ description: 'What it is for; may be empty.', examples: ['the lobby'] }),
  exclusive: Type.Boolean({
    description: 'No other compositor may write tiles in it, or have a region that touches it.',
    examples: [true],
  }),
  ttl: Type.Integer({ description: 'Seconds that its lease lasts after each renewal.', examples: [300] }),
  generation: generation({ description: 'Identifies its lease.' }),
};

export const RegionSchema = component(
  'Region',
  'A rectangle of the plane that a compositor holds.',
  REGION_FIELDS,
);

const EXAMPLE: Static<typeof RegionSchema> = {
  rect: '0,0,31,31',
  compositor: 'wall',
  purpose: 'the lobby',
  exclusive: true,
  ttl: 300,
  generation: 'q1w2e3r4t5y6',
};

export const RegionsSchema = Type.Unsafe<Record<string, Region>>({
  $id: 'Regions',
  type: 'object',
  description: 'Regions by id. Absent when there are none.',
  additionalProperties: ref(RegionSchema),
  examples: [{ R3kX9mQ2vT7a: EXAMPLE }],
});

export const RegionChangesSchema = Type.Unsafe<Record<string, Region | null>>({
  $id: 'RegionChanges',
  type: 'object',
  description: 'Regions by id. A value replaces the whole region, null removes it. Absent when none changed.',
  additionalProperties: Type.Union([ref(RegionSchema), Type.Null()]),
  examples: [{ R3kX9mQ2vT7a: null }],
});

export const ReservationSchema = component(
  'Reservation',
  'A rectangle that a compositor wants to hold.',
  {
    compositor: compositorId({ description: 'The compositor that will hold it.' }),
    rect: rectangle(),
    purpose: Type.Optional(
      printable(0, 256, { default: '', description: 'What it is for.', examples: ['the lobby'] }),
    ),
    exclusive: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'No other compositor may write tiles in it, or have a region that touches it.',
        examples: [true],
      }),
    ),
    ttl: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        default: 300,
        description: 'Seconds that its lease lasts after each renewal.',
        examples: [300],
      }),
    ),
  },
  { ...closed, examples: [{ compositor: 'wall', rect: '0,0,31,31', purpose: 'the lobby', ttl: 300 }] },
);

export const RegionDetailSchema = component(
  'RegionDetail',
  'A region with its id; a single one also with its lease.',
  {
    id: regionId(),
    ...REGION_FIELDS,
    lease: Type.Optional(ref(LeaseSchema)),
  },
);

export const ReservationReply = Type.Object({
  id: regionId(),
  region: ref(RegionDetailSchema),
  lease: ref(LeaseSchema),
  cursor: cursor({ description: 'The commit of this write; the current cursor when it changed nothing.' }),
  changed: Type.Integer({ description: 'Number of entries changed.', examples: [1] }),
});

export const RegionRenewalSchema = Type.Object({
  lease: ref(LeaseSchema),
  cursor: cursor({ description: 'The current cursor of the manifest.' }),
});
