module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  globalSetup: '<rootDir>/__tests__/temporaryFolder.js',
  globalTeardown: '<rootDir>/__tests__/removeTemporaryFolder.js',
  testTimeout: 60_000,
  maxWorkers: 2,
};
