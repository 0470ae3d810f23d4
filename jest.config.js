module.exports = {
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/__tests__/jest/environment.js',
  runtime: '<rootDir>/__tests__/jest/runtime.js',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, sourceMaps: 'inline' },
    ],
  },
  globalSetup: '<rootDir>/__tests__/temporaryFolder.js',
  globalTeardown: '<rootDir>/__tests__/removeTemporaryFolder.js',
  testTimeout: 600_000, // ends what hangs; how long a test takes is the machine's business
  maxWorkers: 2,
};
