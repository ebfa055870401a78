import { render } from 'preact'
import { watchFeed } from './features/feed/feed-state.ts'
import { watchPosts } from './features/posts/watch-posts.ts'
import { preferredLanguage, setLanguage } from './lib/i18n.ts'
import { startNavigation } from './lib/navigation.ts'
import { watchLine } from './lib/network.ts'
import { loadSession, me } from './lib/session.ts'
import { App } from './shell/app.tsx'
import './ui/base.css'

async function start(): Promise<void> {
  startNavigation()
  watchPosts()
  watchFeed()
  watchLine()
  const session = loadSession()
  await setLanguage(preferredLanguage(me.value?.language)).catch(() => undefined)
  // Whoever is remembered sees the app at once; only a stranger to this device waits for the server's word.
  if (me.value === undefined) await session
  const root = document.getElementById('app')
  if (root) render(<App />, root)
  // What nobody waits for: going on with shares, being there without a connection.
  void import('./shell/background.ts').then(({ startBackground }) => startBackground())
}

void start()
