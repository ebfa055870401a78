import type { Highlight } from '@heliograph/contract/stories'
import { Plus } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { Icon } from '../../ui/icon.tsx'
import { HighlightViewer } from './highlight-viewer.tsx'
import { w } from './stories-words.ts'

/** What somebody keeps of their Stories, under their words; nothing at all where there is nothing. */
export function HighlightsRow({ username, own }: { username: string; own: boolean }) {
  const [items, setItems] = useState<readonly Highlight[]>([])
  const [open, setOpen] = useState<Highlight | undefined>(undefined)
  useEffect(() => {
    const stop = new AbortController()
    call('GET /api/users/:username/highlights', { params: { username }, signal: stop.signal }).then(
      ({ items: found }) => setItems(found),
      // The profile is whole without them.
      () => undefined,
    )
    return () => stop.abort()
  }, [username])
  if (items.length === 0 && !own) return null
  return (
    <section class="highlights" aria-label={w('highlights')}>
      <ul class="tray-list">
        {own ? (
          <li class="tray-person">
            <a class="tray-open highlight-new" href="/stories/new/highlight" aria-label={w('highlights.new')}>
              <Icon of={Plus} />
            </a>
            <span class="tray-name" aria-hidden="true">
              {w('highlights.own.new')}
            </span>
          </li>
        ) : null}
        {items.map((one) => (
          <li class="tray-person" key={one.id}>
            <button
              type="button"
              class="tray-open"
              aria-haspopup="dialog"
              aria-label={w('highlight.open', { title: one.title, count: one.storyCount })}
              onClick={() => setOpen(one)}
            >
              <span class="highlight-cover">
                {one.coverUrl ? <img src={one.coverUrl} alt="" decoding="async" /> : null}
              </span>
            </button>
            <span class="tray-name" aria-hidden="true">
              {one.title}
            </span>
          </li>
        ))}
      </ul>
      {open ? (
        <HighlightViewer
          highlight={open}
          onClose={() => setOpen(undefined)}
          onGone={() => {
            setOpen(undefined)
            setItems(items.filter(({ id }) => id !== open.id))
          }}
        />
      ) : null}
    </section>
  )
}
