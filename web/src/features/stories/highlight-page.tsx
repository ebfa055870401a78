import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { Bookmark } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call, newIdempotencyKey } from '../../lib/api.ts'
import { goBack, place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { toast } from '../../ui/toast.tsx'
import { ArchiveGrid, useOwnStories } from './archive-grid.tsx'
import { w } from './stories-words.ts'
import { useHighlight } from './use-highlight.ts'

/** A new highlight from the archive, or a change of one. */
export function HighlightPage() {
  const [asked] = useState(() => new URLSearchParams(place.peek().query))
  const id = asked.get('id') ?? undefined
  const { found, problem, retry } = useHighlight(id)
  const [title, setTitle] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([asked.get('story')].filter((one) => one !== null))
  const [fault, setFault] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [key] = useState(newIdempotencyKey)
  const own = useOwnStories(found?.items)
  useEffect(() => {
    if (!found) return
    setTitle(found.title)
    setChosen(found.items.map((story) => story.id))
  }, [found])

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    const body = { title: title.trim(), storyIds: [...chosen] }
    try {
      if (!id) await call('POST /api/highlights', { body, idempotencyKey: key })
      else {
        const hasCover = found !== undefined && chosen.includes(found.coverStoryId)
        const cover = hasCover ? {} : { coverStoryId: chosen[0] ?? '' }
        await call('PATCH /api/highlights/:id', { params: { id }, body: { ...body, ...cover } })
      }
      toast(w('highlight.saved'))
      goBack(`/${me.peek()?.username ?? ''}`)
    } catch (error) {
      setFault(problemText(error))
      setBusy(false)
    }
  }

  const lacks = lackingOf(title, chosen.length)
  return (
    <Page title={w(id ? 'highlight.edit' : 'highlights.new')} back backTo={`/${me.value?.username ?? ''}`}>
      {problem ? <ProblemNotice error={problem} onRetry={retry} /> : null}
      {id && !found ? null : own.isEmpty ? (
        <NothingToKeep />
      ) : (
        <form class="highlight-form" onSubmit={(event) => void save(event)}>
          <TextField
            label={w('highlight.title')}
            hint={w('highlight.title.hint')}
            error={fault}
            value={title}
            max={limits.highlightTitleLength}
            onInput={setTitle}
          />
          <h2>{w('highlight.choose')}</h2>
          <p class="quiet">{w('highlight.choose.text')}</p>
          <ArchiveGrid
            own={own}
            chosen={chosen}
            onChoose={(story) =>
              setChosen(chosen.includes(story) ? chosen.filter((one) => one !== story) : [...chosen, story])
            }
          />
          <footer class="story-edit-foot highlight-foot">
            <span role="status">{lacks ? w(lacks) : w('highlight.chosen', { count: chosen.length })}</span>
            <Button kind="primary" type="submit" busy={busy} disabled={lacks !== undefined}>
              {w('highlight.save')}
            </Button>
          </footer>
        </form>
      )}
    </Page>
  )
}

/** Asking for a name would lead nowhere. */
function NothingToKeep() {
  return (
    <Notice
      icon={Bookmark}
      title={w('highlight.none')}
      action={
        <>
          <Button kind="primary" href="/stories/new">
            {w('tray.own.new')}
          </Button>
          <Button kind="quiet" href="/settings/stories">
            {w('highlight.none.settings')}
          </Button>
        </>
      }
    >
      {w('highlight.none.text')}
    </Notice>
  )
}

/** Why it cannot be kept yet. */
function lackingOf(title: string, chosen: number) {
  if (title.trim() === '') return 'highlight.needs.title'
  if (codePointLength(title) > limits.highlightTitleLength) return 'highlight.needs.shorter'
  return chosen === 0 ? 'highlight.needs.story' : undefined
}
