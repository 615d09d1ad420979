import { readFile, writeFile } from 'node:fs/promises'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// Those that know `light-dark()`, which would be rewritten for older ones.
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5']

const POLICY = new URL('./dist/staticwebapp.config.json', import.meta.url)

// A page may call its own origin. An API of another one has to be named in the policy that the pages are sent with.
const policyForApi: Plugin = {
  name: 'policy-for-api',
  apply: 'build',
  closeBundle: async () => {
    const api = process.env.VITE_API_URL
    if (!api?.startsWith('http')) return
    const policy = await readFile(POLICY, 'utf8')
    await writeFile(POLICY, policy.replace("connect-src 'self'", `connect-src 'self' ${new URL(api).origin}`))
  },
}

export default defineConfig({
  plugins: [react(), policyForApi],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  // Inlined files would need `data:` in the content security policy.
  build: { target: 'es2023', cssTarget: BROWSERS, assetsInlineLimit: 0, manifest: true },
  server: {
    strictPort: true,
    proxy: { '/api': { target: process.env.SRE_API_ORIGIN ?? 'http://127.0.0.1:7071' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
