import type { ManifestOptions } from 'vite-plugin-pwa'

/** How the app stands among the others of a phone. Names and colours as in DESIGN.md. */
export const appManifest: Partial<ManifestOptions> = {
  id: '/',
  name: 'Heliograph',
  short_name: 'Heliograph',
  description: 'A place for photographs that belongs to the people in it.',
  start_url: '/',
  scope: '/',
  display: 'standalone',
  theme_color: '#fdfcfa',
  background_color: '#fdfcfa',
  categories: ['photo', 'social'],
  icons: [
    { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: '/favicon.svg', sizes: 'any', type: 'image/svg+xml' },
  ],
  shortcuts: [{ name: 'Share a photograph', short_name: 'Share', url: '/share' }],
}
