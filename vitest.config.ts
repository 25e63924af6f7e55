import { defineConfig } from 'vitest/config'

/**
 * The default lane: units, properties, and the built command against the embedded simulator. The slower lanes have folders
 * of their own and are run by `.ci/run`.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/browser/**', 'test/pack/**'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
