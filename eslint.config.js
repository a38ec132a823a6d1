import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist*/', '.tap/', 'node_modules/', 'data/'] },
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
    // Programs of the project itself, and its configuration: no build stands between them and Node.
    files: ['**/*.{js,mjs}'],
    ...js.configs.recommended,
    languageOptions: { globals: { ...globals.node } },
    rules: { ...js.configs.recommended.rules, eqeqeq: 'error', 'prefer-const': 'error' },
  },
  // Parts of these run in a page.
  {
    files: ['bench/map.mjs', 'bench/load/empty-scene.mjs'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['src/**/*.ts'],
    // Programs of their own, and what is the first line of one.
    ignores: ['src/main.ts', 'src/early-signals.ts', 'src/adapters/embedded/look.ts'],
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
    // Time is a parameter, or comes from the Clock port: the simulation plays these rooms on a clock of its own.
    files: ['src/{domain,services,concurrency,conformance,plugins,routes}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels.' },
        {
          selector:
            'CallExpression[callee.object.name=/^(Date|performance)$/][callee.property.name="now"], NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Ask a Clock for the time.',
        },
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
);
