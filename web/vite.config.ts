import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { appManifest } from './app-manifest.ts'
import { outlineFirst } from './outline-first.ts'

const server = process.env.HELIOGRAPH_SERVER ?? 'http://localhost:3000'

export default defineConfig({
  // One Preact: the packages beside us bring version 10 of their own otherwise.
  resolve: { dedupe: ['preact', '@preact/signals', '@preact/signals-core'] },
  plugins: [
    outlineFirst(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      // A policy of scripts from files alone leaves no room for the plugin's inline one: shell/background.ts registers.
      injectRegister: false,
      manifest: appManifest,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg}'],
        // Large, and only for browsers that cannot read a video's playlist themselves: it is not fetched ahead.
        globIgnores: ['**/hls.light-*.js'],
      },
    }),
  ],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    manifest: true,
    // One sheet: small files compress badly, and a page of its own style would wait for a second request.
    cssCodeSplit: false,
    sourcemap: 'hidden',
    modulePreload: { polyfill: false },
    // What every visit needs is one file: a browser has six connections, and two dozen small ones wait for each other.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shell', tags: ['$initial'] }] } } },
  },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/m/': { target: server },
    },
  },
})
