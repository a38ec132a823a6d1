import tseslint from 'typescript-eslint';

/** One room may import from these others; everything else is a wall (docs/architecture.md). */
const rooms = {
  domain: [],
  services: ['domain'],
  adapters: ['domain'],
  conformance: ['domain'],
  plugins: ['domain', 'services'],
  routes: ['domain', 'services', 'plugins'],
  config: ['domain'],
  client: [],
};

const wall = ([room, open]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!${[room, ...open].join('/|')}/)(?:${[...Object.keys(rooms), 'commands'].join('|')})/`,
            message: `src/${room} may import only from: ${[...open, 'itself'].join(', ')}.`,
          },
          { regex: '^(\\.\\./)+(?:app|main)\\.ts$', message: 'Only main.ts and commands/ import the app.' },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist*/', '.tap/', 'node_modules/', 'data/'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({
    ...config,
    files: ['src/**/*.ts', 'web/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
  })),
  {
    files: ['src/**/*.ts', 'web/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './web/tsconfig.json', './test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only main.ts reads process.' },
        { object: 'process', property: 'argv', message: 'Only main.ts reads process.' },
        { object: 'process', property: 'exit', message: 'Only main.ts ends the process.' },
      ],
    },
  },
  {
    // tap's matchers return promises only for async bodies; every other promise is awaited.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
    },
  },
  ...Object.entries(rooms).map(wall),
  {
    files: ['web/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^\\.\\./(?!src/client/client\\.ts$)', message: 'web may import only the client.' },
          ],
        },
      ],
    },
  },
);
