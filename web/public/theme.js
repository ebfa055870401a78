// Runs before the first paint, so that a chosen theme never flashes the other one, and the outline fits what will come.
try {
  const { dataset } = document.documentElement
  const theme = localStorage.getItem('heliograph.theme')
  if (theme === 'light' || theme === 'dark') dataset.theme = theme
  // Whoever is remembered (lib/session.ts) sees the app; everybody else waits at the door.
  const isKnown = localStorage.getItem('heliograph.me.2') !== null
  dataset.outline = isKnown ? (location.pathname === '/' ? 'feed' : 'page') : 'door'
} catch {}
