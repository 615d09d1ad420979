import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { allowingApi, demandApi } from './src/api/policy'

// Those that know `light-dark()`, which would be rewritten for older ones.
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5']

/** Lets the built pages call the API that VITE_API_URL names. */
function headers(): Plugin {
  let served: string
  return {
    name: 'headers',
    apply: 'build',
    configResolved({ root, build }) {
      demandApi(process.env)
      served = resolve(root, build.outDir, 'staticwebapp.config.json')
    },
    async closeBundle() {
      await writeFile(served, allowingApi(await readFile(served, 'utf8'), process.env.VITE_API_URL))
    },
  }
}

export default defineConfig({
  plugins: [react(), headers()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  // Inlined files would need `data:` in the content security policy.
  build: { target: 'es2023', cssTarget: BROWSERS, assetsInlineLimit: 0, manifest: true },
  server: {
    strictPort: true,
    proxy: { '/api': { target: process.env.SRE_API_ORIGIN ?? 'http://127.0.0.1:7071' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
