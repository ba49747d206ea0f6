import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{reference-device,cases,harness,reports,scripts,words}/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    testTimeout: 30_000,
    // By default a core is left idle, which is half of a small machine.
    maxWorkers: '100%',
  },
});
