import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// Those that know `light-dark()`, which would be rewritten for older ones.
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5']

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  // Inlined files would need `data:` in the content security policy.
  build: { target: 'es2023', cssTarget: BROWSERS, assetsInlineLimit: 0, manifest: true },
  server: {
    strictPort: true,
    proxy: { '/api': { target: process.env.SRE_API_ORIGIN ?? 'http://127.0.0.1:7071' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
