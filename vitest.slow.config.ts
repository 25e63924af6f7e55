import { defineConfig } from 'vitest/config'

/** The slower lanes: real engines, the browser, the packed package. One file at a time: they share two cores. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts', 'test/browser/**/*.test.ts', 'test/pack/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
