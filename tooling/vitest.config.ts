import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `@x/*` resolve to the sources, so that tests need no build.
const conditions = ['@x/source', 'module', 'node', 'import', 'default']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tooling/**/*.test.ts'],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], exclude: ['**/*.test*.ts'] },
  },
})
