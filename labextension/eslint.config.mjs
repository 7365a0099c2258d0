import eslint from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/*.cjs', '**/*.mjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './tests/tsconfig.json'], tsconfigRootDir: import.meta.dirname }
    },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      eqeqeq: 'error',
      curly: 'error',
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', 50],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Lumino's signals take the `this` of a slot beside it, and let go of both at once.
      '@typescript-eslint/unbound-method': 'off',
      // Numbers read well in templates, and null is not used in them.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  },
  {
    // docs/wire.py writes it; people read single interfaces of it.
    files: ['src/api/wire.ts'],
    rules: { 'max-lines': 'off' }
  },
  {
    files: ['tests/**'],
    rules: {
      // node:test's `test()` gives a promise that its runner awaits.
      '@typescript-eslint/no-floating-promises': 'off',
      'max-lines-per-function': 'off'
    }
  }
);
