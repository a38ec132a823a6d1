// The walls between the rooms of src (docs/architecture.md), and around src and web. `npm run lint` holds them.

/** A room may import from itself and from these others; a folder of a room may be named apart. */
const rooms = {
  'src/domain': [],
  'src/concurrency': ['src/domain/clock.ts'],
  'src/client': [],
  // How a brick without a picture looks, on the map page and as a picture.
  'src/pattern': [],
  'src/conformance': ['src/domain'],
  'src/services': ['src/concurrency', 'src/domain', 'src/pattern'],
  // One folder a technology, and none knows another.
  'src/adapters/connectors': ['src/concurrency', 'src/domain'],
  'src/adapters/peer-bus': ['src/concurrency', 'src/domain'],
  'src/adapters/redis': ['src/concurrency', 'src/domain', 'src/adapters/peer-bus'],
  'src/adapters/archive': ['src/domain'],
  'src/adapters/embedded': ['src/concurrency', 'src/domain', 'src/adapters/peer-bus'],
  'src/adapters/telemetry': ['src/concurrency', 'src/domain'],
  'src/adapters/[^/]+\\.ts': ['src/domain'],
  'src/plugins': ['src/concurrency', 'src/domain', 'src/services'],
  'src/routes': ['src/concurrency', 'src/domain', 'src/services', 'src/plugins'],
  'src/config': ['src/domain'],
  // How text of others is shown, wherever that is.
  web: ['src/client/client.ts', 'src/domain/printable.ts', 'src/pattern'],
  'web/colours': ['src/pattern'],
  'web/map': ['web/colours', 'src/client/client.ts', 'src/domain/printable.ts', 'src/pattern'],
};

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-commands-start-the-app',
      severity: 'error',
      from: { pathNot: '^src/(main|app|commands/|app/)' },
      to: { path: '^src/(app|main)' },
    },
    ...Object.entries(rooms).map(([room, others]) => ({
      name: `wall-of-${room.replace(/[^a-z]+/g, '-').replace(/-$/, '')}`,
      comment: `${room} may import only from: ${['itself', ...others].join(', ')}.`,
      severity: 'error',
      from: { path: `^${room}` },
      to: { path: '^(src|web)/', pathNot: [room, ...others].map((each) => `^${each}`) },
    })),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    includeOnly: '^(src|web)/',
  },
};
