// The arrows between folders (README, "Layout") and the ways in to the big packages are rules here, not prose.
const tseslint = require('typescript-eslint');

/** Who may import whom. A folder may always import itself; what is not listed is refused. */
const MAY_IMPORT = {
  domain: [],
  constructs: ['domain'],
  stacks: ['constructs', 'domain'],
  deployments: ['domain'],
  ocr: ['domain'],
  release: ['ocr', 'deployments', 'domain'],
  operate: ['release', 'ocr', 'deployments', 'domain'],
  rehearsal: ['operate', 'release', 'ocr', 'deployments', 'domain', 'bin'],
  bin: ['operate', 'release', 'ocr', 'deployments', 'domain'],
};
const FOLDERS = [...Object.keys(MAY_IMPORT), '__tests__'];

const NO_ROOT_IMPORT = {
  regex: '^@cdktf/provider-(google|docker)($|/lib$|/lib/index)',
  message: 'The root import costs 7 s and 1.2 GB: import @cdktf/provider-google/lib/<resource>.',
};
const NO_CDKTF = {
  regex: '^(cdktf|constructs|@cdktf/)',
  message: 'cdktf is for main.ts, stacks/ and constructs/ only.',
};
const PURE = {
  regex:
    '^(node:)?(fs|fs/promises|http|https|net|child_process|os|process|timers|timers/promises|worker_threads)$|^(google-auth-library|zod|yaml)$',
  message: 'domain/ is pure: no I/O, no clock, no environment. Decide here, act at the edge.',
};

function arrows(folder) {
  const refused = FOLDERS.filter((other) => other !== folder && !MAY_IMPORT[folder].includes(other));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${refused.join('|')})(/|$)`,
      message: `${folder}/ may import only: ${MAY_IMPORT[folder].join(', ') || 'itself'}.`,
    },
    NO_ROOT_IMPORT,
  ];
  if (!['constructs', 'stacks'].includes(folder)) patterns.push(NO_CDKTF);
  if (folder === 'domain') patterns.push(PURE);
  return {
    files: [`${folder}/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

module.exports = tseslint.config(
  { ignores: ['node_modules', 'cdktf.out', 'dist', '.lightonocr', 'coverage'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [NO_ROOT_IMPORT] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      // Ports are objects of functions; none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  ...Object.keys(MAY_IMPORT).map(arrows),
  {
    files: ['domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.object.name='Date'][callee.property.name='now'], CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Time and randomness are handed in.',
        },
      ],
    },
  },
  {
    files: ['__tests__/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
