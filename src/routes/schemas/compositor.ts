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
import { HARMFUL } from '../../domain/printable.ts';
import type { DescriptionChange, Registration } from '../../domain/registration.ts';
import type { RegistrationLimits } from '../../domain/registration-limits.ts';
import { commands, commandsInReply } from './command-routes.ts';
import { component, compositorId, generation, instant, printable, ref } from './fields.ts';

const LABEL_KEY = '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$';
const LABEL_EXPECTS = 'a label of 1 to 63 letters, digits, dots, dashes, underscores and slashes';

const name = printable(1, 128, { description: 'The display name.', examples: ['Wall'] });
const version = printable(1, 64, {
  description: 'The version of the compositor program.',
  examples: ['2.1.0'],
});
const platform = printable(1, 64, { description: 'The operating system or platform.', examples: ['linux'] });
const address = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: `^[^\\s${HARMFUL}]*$`,
  format: 'printable',
  'x-expects': 'a host name or an IP address, at most 255 characters without spaces',
  description:
    'The host name or IP address that the daemon connects to; for libp2p, a multiaddr such as `/ip4/10.0.0.7/tcp/5000`.',
  examples: ['127.0.0.1'],
});
const port = Type.Integer({
  minimum: 1,
  maximum: 65535,
  description: 'The port that the daemon connects to.',
  examples: [5000],
});
const ttl = Type.Integer({
  minimum: 1,
  maximum: 86_400,
  description: 'Seconds that the lease lasts after each renewal.',
  examples: [30],
});
const instance = printable(1, 128, {
  description:
    'Identifies this run of the program, such as a boot id: the same instance may register again at any time.',
  examples: ['host-7/4711'],
});

export const protocol = (options: object) =>
  Type.Unsafe<Protocol>({ type: 'string', enum: [...PROTOCOLS], examples: ['http'], ...options });
export const status = (options: object) =>
  Type.Unsafe<Status>({ type: 'string', enum: [...STATUSES], examples: ['registered'], ...options });

export const labels = (value: TSchema, options: object) =>
  Type.Unsafe<Record<string, string>>({
    description: 'Additional properties, as text.',
    propertyNames: { pattern: LABEL_KEY, 'x-expects': LABEL_EXPECTS },
    additionalProperties: value,
    examples: [{ room: 'lobby' }],
    ...options,
  });
export const labelValue = printable(0, 256, {});
const capabilitiesText = 'What the compositor supports.';
const capabilities = Type.Array(printable(1, 64, { examples: ['tiles'] }), {
  maxItems: 64,
  description: capabilitiesText,
  examples: [['tiles']],
});
const protocolText = 'The protocol that the daemon uses to connect.';

/** Allows null, which removes the field (RFC 7396). */
const nullable = (schema: TSchema) => ({ ...schema, type: [schema['type'] as string, 'null'] });

export const RegistrationSchema = Type.Unsafe<Registration>({
  $id: 'Registration',
  type: 'object',
  description: 'A compositor that registers.',
  additionalProperties: false,
  required: ['name'],
  properties: {
    id: compositorId({ description: 'By default derived from the name: `Wall 1` becomes `wall-1`.' }),
    name,
    version,
    platform,
    protocol: protocol({ description: protocolText }),
    address,
    port,
    labels: labels(labelValue, { type: 'object', maxProperties: 64 }),
    capabilities,
    commands,
    ttl,
    instance,
  },
  examples: [{ name: 'Wall', platform: 'linux', ttl: 30, labels: { room: 'lobby' } }],
});

export const DescriptionChangeSchema = Type.Unsafe<DescriptionChange>({
  $id: 'CompositorChange',
  type: 'object',
  description: 'A merge patch (RFC 7396): null removes a field.',
  additionalProperties: false,
  properties: {
    name,
    version: nullable(version),
    platform: nullable(platform),
    protocol: { ...nullable(protocol({ description: protocolText })), enum: [...PROTOCOLS, null] },
    address: nullable(address),
    port: nullable(port),
    labels: labels(nullable(labelValue), { type: ['object', 'null'], maxProperties: 64 }),
    capabilities: nullable(capabilities),
    commands: nullable(commands),
    ttl,
    enabled: Type.Boolean({ description: 'False: the daemon does not connect to it.', examples: [false] }),
  },
  examples: [{ platform: 'linux', labels: { room: null } }],
});

/** Replies may grow, so clients must not rely on the limits of requests. */
const unlimited = (schema: TSchema) => {
  const { type, description, examples } = schema as unknown as {
    type: string;
    description: string;
    examples: string[];
  };
  return Type.Optional(Type.Unsafe<string>({ type, description, examples }));
};

const limits = Type.Unsafe<RegistrationLimits>({
  type: 'object',
  additionalProperties: true,
  description:
    'What the compositor is held to when it writes over its own connection: the limits of the token that registered it. Absent: no limits.',
  properties: {
    compositors: {
      type: 'array',
      items: { type: 'string' },
      description: 'Ids, and beginnings of ids with `*` behind.',
    },
    view: { type: 'string', description: 'The rectangle `x1,y1,x2,y2` of the plane.' },
    quota: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description: 'The quota, as of the token.',
    },
    scopes: {
      type: 'array',
      items: { type: 'string' },
      description: '`takeover` and `connect`, if the token has them.',
    },
  },
  examples: [{ compositors: ['wall'], view: '0,0,99,99', quota: { tiles: 5000 } }],
});

const entry = {
  id: compositorId(),
  name: Type.String({ description: 'The display name.', examples: ['Wall'] }),
  status: status({ description: 'The state of the compositor; derived from the other fields.' }),
  version: unlimited(version),
  platform: unlimited(platform),
  protocol: Type.Optional(protocol({ description: protocolText })),
  address: unlimited(address),
  port: unlimited(port),
  labels: labels(Type.String(), { type: 'object' }),
  capabilities: Type.Array(Type.String(), { description: capabilitiesText, examples: [['tiles']] }),
  commands: Type.Optional(commandsInReply),
  enabled: Type.Boolean({ description: 'False: an operator disabled the connection.', examples: [true] }),
  ttl: unlimited(ttl),
  generation: Type.Optional(generation()),
  instance: unlimited(instance),
  managedBy: Type.Optional(
    Type.String({
      description: 'The daemon whose configuration lists this compositor. Such a compositor has no lease.',
    }),
  ),
  limits: Type.Optional(limits),
  registeredAt: instant({ description: 'When the compositor registered.' }),
  staleAt: Type.Optional(instant({ description: 'When the lease expired.' })),
  link: Type.Optional(
    Type.Unsafe<'connected' | 'disconnected'>({
      type: 'string',
      enum: ['connected', 'disconnected'],
      description: "Whether the daemon's connector is connected.",
    }),
  ),
  info: Type.Optional(
    Type.Unsafe<Info>({
      type: 'object',
      additionalProperties: true,
      description: 'Information from the compositor itself, while connected.',
      examples: [{ fps: 60 }],
    }),
  ),
};

export const LeaseSchema = component('Lease', 'How long a registration lasts without renewal.', {
  generation: generation(),
  ttl: Type.Integer({ description: 'Seconds that the lease lasts after each renewal.', examples: [30] }),
  expiresAt: instant({ description: "When the lease expires, by the daemon's clock." }),
});

const optionalInstant = (description: string) => Type.Optional(instant({ description }));

export const HealthSchema = component('Health', 'The health of a compositor, as its connector sees it.', {
  state: Type.Unsafe<HealthState>({
    type: 'string',
    enum: [...HEALTH_STATES],
    description:
      'none: the compositor has no connector, because it has no address, is disabled or is stale. connecting: no result yet.',
    examples: ['connected'],
  }),
  changedAt: optionalInstant('When the state last changed, as seen by this connector.'),
  checkedAt: optionalInstant('When the compositor was last checked.'),
  latencyMs: Type.Optional(
    Type.Number({ description: 'Milliseconds that the last successful check took.', examples: [1.8] }),
  ),
  failures: Type.Integer({ description: 'Consecutive failures.', examples: [0] }),
  lastError: Type.Optional(
    Type.String({
      description: 'The last error, in one line. It may be resolved by now.',
      examples: ['timeout: no answer within 5 s'],
    }),
  ),
  lastErrorAt: optionalInstant('When the last error occurred.'),
  holder: Type.Optional(
    Type.String({
      description: 'The replica that holds the connector. Its name changes with each start.',
      examples: ['5e0c41b9a7d2'],
    }),
  ),
});

export const CompositorSchema = component('Compositor', 'A registered display server.', entry);

export const CompositorDetailSchema = component(
  'CompositorDetail',
  'A compositor with its tile count, its lease (if it has one) and its health (if it has a connector).',
  {
    ...entry,
    lease: Type.Optional(ref(LeaseSchema)),
    tiles: Type.Integer({ description: 'Number of tiles that the compositor owns.', examples: [12] }),
    health: Type.Optional(ref(HealthSchema)),
  },
);

export const CompositorsSchema = Type.Unsafe<Record<string, Compositor>>({
  $id: 'Compositors',
  type: 'object',
  description: 'Compositors by id.',
  additionalProperties: ref(CompositorSchema),
});

export const CompositorChangesSchema = Type.Unsafe<Record<string, Compositor | null>>({
  $id: 'CompositorChanges',
  type: 'object',
  description: 'Compositors by id. A value replaces the whole compositor, null removes it.',
  additionalProperties: Type.Union([ref(CompositorSchema), Type.Null()]),
  examples: [{ wall: null }],
});
