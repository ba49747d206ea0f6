import { defineConfig } from 'vitest/config';
import { SkippedTests } from './scripts/test-tools/skipped-tests.ts';

export default defineConfig({
  test: {
    include: ['{reference-device,cases,harness,reports,scripts}/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    globalSetup: ['scripts/test-tools/global-setup.ts'],
    reporters: ['default', new SkippedTests()],
    testTimeout: 120_000,
    // By default a core is left idle, which is half of a small machine.
    maxWorkers: '100%',
  },
});
