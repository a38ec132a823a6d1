import { Type, type TSchema } from '@sinclair/typebox';
import {
  PROTOCOLS,
  STATUSES,
  type Compositor,
  type Info,
  type Protocol,
  type Status,
} from '../../domain/compositor.ts';
import { HEALTH_STATES, type HealthState } from '../../domain/health.ts';
import type { DescriptionChange, Registration } from '../../domain/registration.ts';
import { ref } from './ref.ts';
import { compositorId, generation, instant, printable } from './text.ts';

const LABEL_KEY = '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$';
const LABEL_EXPECTS = 'a label of 1 to 63 letters, digits, dots, dashes, underscores and slashes';

const name = printable(1, 128, { description: 'What people call it.', examples: ['Wall'] });
const version = printable(1, 64, { description: 'The version of its program.', examples: ['2.1.0'] });
const platform = printable(1, 64, { description: 'Where it runs.', examples: ['linux'] });
const address = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '^[^\\s\\p{Cc}\\p{Cs}]*$',
  'x-expects': 'a host name or an IP address, at most 255 characters without spaces',
  description:
    'Its host name or IP address, where the daemon is to connect to it; of libp2p, a multiaddr such as `/ip4/10.0.0.7/tcp/5000`.',
  examples: ['127.0.0.1'],
});
const port = Type.Integer({ minimum: 1, maximum: 65535, description: 'Its port.', examples: [5000] });
const ttl = Type.Integer({
  minimum: 1,
  maximum: 86_400,
  description: 'Seconds that a renewal of its lease lasts.',
  examples: [30],
});
const instance = printable(1, 128, {
  description:
    'What it calls this run of itself, such as a boot id: the same instance may register again at any time.',
  examples: ['host-7/4711'],
});
const capability = printable(1, 64, { examples: ['tiles'] });

export const protocol = (options: object) =>
  Type.Unsafe<Protocol>({ type: 'string', enum: [...PROTOCOLS], examples: ['http'], ...options });
export const status = (options: object) =>
  Type.Unsafe<Status>({ type: 'string', enum: [...STATUSES], examples: ['registered'], ...options });

const labels = (value: TSchema, options: object) =>
  Type.Unsafe<Record<string, string>>({
    description: 'Whatever else there is to know of it.',
    propertyNames: { pattern: LABEL_KEY, 'x-expects': LABEL_EXPECTS },
    additionalProperties: value,
    examples: [{ room: 'lobby' }],
    ...options,
  });
const labelValue = printable(0, 256, {});
const protocolText = 'How the daemon talks to it.';
const capabilitiesText = 'What it can do.';

/** The type of a nullable field: null takes it away (RFC 7396). */
const nullable = (schema: TSchema) => ({ ...schema, type: [schema['type'] as string, 'null'] });

export const RegistrationSchema = Type.Unsafe<Registration>({
  $id: 'Registration',
  type: 'object',
  description: 'What a compositor says of itself.',
  additionalProperties: false,
  required: ['name'],
  properties: {
    id: compositorId({ description: 'By default made of the name: `Wall 1` becomes `wall-1`.' }),
    name,
    version,
    platform,
    protocol: protocol({ description: protocolText }),
    address,
    port,
    labels: labels(labelValue, { type: 'object', maxProperties: 64 }),
    capabilities: Type.Array(capability, {
      maxItems: 64,
      description: capabilitiesText,
      examples: [['tiles']],
    }),
    ttl,
    instance,
  },
  examples: [{ name: 'Wall', platform: 'linux', ttl: 30, labels: { room: 'lobby' } }],
});

export const DescriptionChangeSchema = Type.Unsafe<DescriptionChange>({
  $id: 'CompositorChange',
  type: 'object',
  description: 'A merge patch (RFC 7396): null takes a field away.',
  additionalProperties: false,
  properties: {
    name,
    version: nullable(version),
    platform: nullable(platform),
    protocol: {
      ...protocol({ description: protocolText }),
      type: ['string', 'null'],
      enum: [...PROTOCOLS, null],
    },
    address: nullable(address),
    port: nullable(port),
    labels: labels(
      { ...labelValue, type: ['string', 'null'] },
      { type: ['object', 'null'], maxProperties: 64 },
    ),
    capabilities: {
      type: ['array', 'null'],
      items: capability,
      maxItems: 64,
      description: capabilitiesText,
      examples: [['tiles']],
    },
    ttl,
    enabled: Type.Boolean({ description: 'False: the daemon does not connect to it.', examples: [false] }),
  },
  examples: [{ platform: 'linux', labels: { room: null } }],
});

const entry = {
  id: compositorId(),
  name: Type.String({ description: 'What people call it.', examples: ['Wall'] }),
  status: status({ description: 'What it is doing; derived from the rest.' }),
  version: Type.Optional(Type.String({ description: 'The version of its program.', examples: ['2.1.0'] })),
  platform: Type.Optional(Type.String({ description: 'Where it runs.', examples: ['linux'] })),
  protocol: Type.Optional(protocol({ description: protocolText })),
  address: Type.Optional(
    Type.String({
      description: 'Its host name or IP address; of libp2p, a multiaddr.',
      examples: ['127.0.0.1'],
    }),
  ),
  port: Type.Optional(Type.Integer({ description: 'Its port.', examples: [5000] })),
  labels: labels(Type.String(), { type: 'object' }),
  capabilities: Type.Array(Type.String(), { description: capabilitiesText, examples: [['tiles']] }),
  enabled: Type.Boolean({ description: 'False: its operator stopped it.', examples: [true] }),
  ttl: Type.Optional(
    Type.Integer({ description: 'Seconds that a renewal lasts; absent without a lease.', examples: [30] }),
  ),
  generation: Type.Optional(generation()),
  instance: Type.Optional(Type.String({ description: 'What it calls this run of itself.' })),
  managedBy: Type.Optional(
    Type.String({ description: 'The daemon whose configuration lists it; it then holds no lease.' }),
  ),
  registeredAt: instant({ description: 'When this registration was made.' }),
  staleAt: Type.Optional(instant({ description: 'When its lease ran out.' })),
  link: Type.Optional(
    Type.Unsafe<'connected' | 'disconnected'>({
      type: 'string',
      enum: ['connected', 'disconnected'],
      description: "What the daemon's connector sees.",
    }),
  ),
  info: Type.Optional(
    Type.Unsafe<Info>({
      type: 'object',
      additionalProperties: true,
      description: 'What it says of itself, while it is connected.',
      examples: [{ fps: 60 }],
    }),
  ),
};

const example = {
  id: 'wall',
  name: 'Wall',
  status: 'registered',
  platform: 'linux',
  labels: { room: 'lobby' },
  capabilities: [],
  enabled: true,
  ttl: 30,
  generation: 'q1w2e3r4t5y6',
  registeredAt: '2026-01-01T00:00:00.000Z',
};

export const LeaseSchema = Type.Object(
  {
    generation: generation(),
    ttl: Type.Integer({ description: 'Seconds that a renewal lasts.', examples: [30] }),
    expiresAt: instant({ description: "When it runs out, by the daemon's clock." }),
  },
  {
    $id: 'Lease',
    description: "A compositor's promise to renew in time.",
    examples: [{ generation: 'q1w2e3r4t5y6', ttl: 30, expiresAt: '2026-01-01T00:00:30.000Z' }],
  },
);

const optionalInstant = (description: string) => Type.Optional(instant({ description }));

export const HealthSchema = Type.Object(
  {
    state: Type.Unsafe<HealthState>({
      type: 'string',
      enum: [...HEALTH_STATES],
      description:
        'none: it has no connector, for it names no address, is stopped or stale. connecting: too early to say.',
      examples: ['connected'],
    }),
    changedAt: optionalInstant('Since when the state is so, as far as this connector has seen.'),
    checkedAt: optionalInstant('When it was last looked at.'),
    latencyMs: Type.Optional(
      Type.Number({ description: 'Milliseconds that its last good answer took.', examples: [1.8] }),
    ),
    failures: Type.Integer({ description: 'Failures in a row.', examples: [0] }),
    lastError: Type.Optional(
      Type.String({
        description: 'What went wrong last, in one line; it may be over.',
        examples: ['timeout: no answer within 5 s'],
      }),
    ),
    lastErrorAt: optionalInstant('When that was.'),
    holder: Type.Optional(
      Type.String({
        description: 'The replica that holds the connector, by a name it has until it ends.',
        examples: ['5e0c41b9a7d2'],
      }),
    ),
  },
  {
    $id: 'Health',
    description: 'How a compositor is, as the connector to it sees it.',
    examples: [
      {
        state: 'connected',
        changedAt: '2026-01-01T00:00:00.000Z',
        checkedAt: '2026-01-01T00:05:00.000Z',
        latencyMs: 1.8,
        failures: 0,
        holder: '5e0c41b9a7d2',
      },
    ],
  },
);

export const CompositorSchema = Type.Object(entry, {
  $id: 'Compositor',
  description: 'A registered display server.',
  examples: [example],
});

export const CompositorDetailSchema = Type.Object(
  {
    ...entry,
    lease: Type.Optional(ref(LeaseSchema)),
    tiles: Type.Integer({ description: 'How many tiles it owns.', examples: [12] }),
    health: Type.Optional(ref(HealthSchema)),
  },
  {
    $id: 'CompositorDetail',
    description:
      'A compositor, with its lease (if it holds one), how many tiles it owns, and how its connector (if it has one) sees it.',
    examples: [
      {
        ...example,
        lease: { generation: 'q1w2e3r4t5y6', ttl: 30, expiresAt: '2026-01-01T00:00:30.000Z' },
        tiles: 12,
      },
    ],
  },
);

export const CompositorsSchema = Type.Unsafe<Record<string, Compositor>>({
  $id: 'Compositors',
  type: 'object',
  description: 'Compositors by id.',
  additionalProperties: ref(CompositorSchema),
  examples: [{ wall: example }],
});

export const CompositorChangesSchema = Type.Unsafe<Record<string, Compositor | null>>({
  $id: 'CompositorChanges',
  type: 'object',
  description: 'Compositors by id. An entry replaces the one there whole, null removes it.',
  additionalProperties: Type.Union([ref(CompositorSchema), Type.Null()]),
  examples: [{ wall: null }],
});

/** An entry as examples of larger documents show it. */
export const COMPOSITOR_EXAMPLE = example;
