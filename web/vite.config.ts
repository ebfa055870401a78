import { defineConfig } from 'vite'

const server = process.env.HELIOGRAPH_SERVER ?? 'http://localhost:3000'

export default defineConfig({
  // One Preact: the packages beside us bring version 10 of their own otherwise.
  resolve: { dedupe: ['preact', '@preact/signals', '@preact/signals-core'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    manifest: true,
    sourcemap: 'hidden',
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/m/': { target: server },
    },
  },
})
