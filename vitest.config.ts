import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/differential/**', 'test/lab/**'],
          globalSetup: 'test/temporary-folder.ts',
          // Some start the built command, which takes its time on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/differential/**/*.test.ts'],
          // One cluster, one fault at a time.
          fileParallelism: false,
          // On a busy machine what takes half a minute takes two; one that is given up heals on beside the next one.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
