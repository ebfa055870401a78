import { Plus, Star, UsersRound } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { AudienceChoice } from '../audience/audience-choice.tsx'
import { EditStage } from './edit-stage.tsx'
import { OverlayTools } from './overlay-tools.tsx'
import { w } from './stories-words.ts'
import type { StoryDraft } from './story-drafts.ts'
import { StoryThumbs } from './story-thumbs.tsx'
import { usePicking } from './use-picking.tsx'

interface EditStoriesProps {
  drafts: readonly StoryDraft[]
  onChange: (drafts: readonly StoryDraft[]) => void
  onAdd: (drafts: readonly StoryDraft[]) => void
  share: ComponentChildren
}

/** One picture at a time in its frame; below it what can be laid over it, and for whom it is. */
export function EditStories({ drafts, onChange, onAdd, share }: EditStoriesProps) {
  const [shownId, setShownId] = useState(drafts[0]?.id)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [asking, setAsking] = useState(false)
  const draft = drafts.find(({ id }) => id === shownId) ?? drafts[0]
  const picking = usePicking({ have: drafts.length, onAdd })
  if (!draft) return null
  const { audience } = draft

  function change(patch: Partial<StoryDraft>): void {
    onChange(drafts.map((one) => (one.id === draft?.id ? { ...one, ...patch } : one)))
  }

  function remove(id: string): void {
    onChange(drafts.filter((one) => one.id !== id))
    setChosen(undefined)
  }

  return (
    <div class="story-edit">
      {picking.parts}
      <EditStage
        key={draft.id}
        draft={draft}
        chosen={chosen}
        onChoose={setChosen}
        onChange={(overlays) => change({ overlays })}
      />
      <OverlayTools draft={draft} chosen={chosen} onChoose={setChosen} onChange={change} />
      <StoryThumbs
        drafts={drafts}
        shown={draft.id}
        onShow={(id) => {
          setShownId(id)
          setChosen(undefined)
        }}
        onRemove={remove}
      >
        <button type="button" class="story-thumb story-more" aria-label={w('add')} onClick={picking.choose}>
          <Icon of={Plus} />
        </button>
      </StoryThumbs>
      <footer class="story-edit-foot">
        <Button onClick={() => setAsking(true)} label={w('audience', { who: t(`audience.${audience}`) })}>
          <Icon of={audience === 'followers' ? UsersRound : Star} size={20} /> {t(`audience.${audience}`)}
        </Button>
        {share}
      </footer>
      {asking ? (
        <Sheet
          title={t('audience')}
          onClose={() => setAsking(false)}
          action={
            <Button kind="quiet" onClick={() => setAsking(false)}>
              {t('ui.done')}
            </Button>
          }
        >
          <div class="sheet-form">
            <AudienceChoice
              value={audience}
              of={['followers', 'close_friends']}
              onChange={(next) => {
                if (next !== 'public') onChange(drafts.map((one) => ({ ...one, audience: next })))
              }}
            />
            <p class="quiet">{w('audience.text')}</p>
          </div>
        </Sheet>
      ) : null}
    </div>
  )
}
