import { limits } from '@heliograph/contract/limits'
import { codePointLength, parseText, valuesOf } from '@heliograph/contract/text'
import { useEffect, useState } from 'preact/hooks'
import { newIdempotencyKey } from '../../lib/api.ts'
import { navigate } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { toast } from '../../ui/toast.tsx'
import { ChooseStep } from './choose-step.tsx'
import { DraftQuestion } from './draft-question.tsx'
import { type Draft, dropDraft, isLost, listDrafts, saveDraft, saveDraftSoon } from './drafts.ts'
import { EditStep } from './edit-step.tsx'
import { share } from './share-queue.ts'
import { s } from './share-words.ts'
import { WordsStep } from './words-step.tsx'
import './share.css'

type Step = 'choose' | 'edit' | 'words'
const steps: readonly Step[] = ['choose', 'edit', 'words']

/** Choose, edit, words: everything is kept as a draft from the first photograph on. */
export function SharePage() {
  const [draft, setDraft] = useState<Draft>(freshDraft)
  const [found, setFound] = useState<FoundDraft | undefined>(undefined)
  const [step, setStep] = useState<Step>('choose')
  const [sending, setSending] = useState(false)

  useEffect(() => {
    void findDraft().then(setFound)
  }, [])

  function change(patch: Partial<Draft>): void {
    const next = { ...draft, ...forgotten(draft, patch), ...patch }
    setDraft(next)
    if (next.photos.length === 0) void dropDraft(next.id).catch(() => undefined)
    else saveDraft(next).catch(() => toast(s('draft.lost')))
  }

  /** Sliders change it sixty times a second, and with each letter its films would be written anew. */
  function edit(patch: Partial<Draft>): void {
    const next = { ...draft, ...patch }
    setDraft(next)
    saveDraftSoon(next, () => toast(s('draft.lost')))
  }

  async function send(): Promise<void> {
    setSending(true)
    await share(draft)
    navigate('/')
  }

  const fault = faultOf(draft)
  return (
    <Page title={s('title')} back backTo="/">
      {found && draft.photos.length === 0 ? (
        <DraftQuestion
          draft={found.draft}
          lost={found.lost}
          onResume={() => {
            setDraft(found.draft)
            setFound(undefined)
          }}
          onFresh={() => {
            void dropDraft(found.draft.id)
            setFound(undefined)
          }}
        />
      ) : (
        <div class="share">
          {step === 'choose' ? <ChooseStep draft={draft} onChange={change} /> : null}
          {step === 'edit' ? <EditStep draft={draft} onChange={edit} /> : null}
          {step === 'words' ? <WordsStep draft={draft} onChange={edit} fault={fault} /> : null}
          {draft.photos.length > 0 ? (
            <footer class="share-foot">
              {step === 'choose' ? null : (
                <Button onClick={() => setStep(neighbour(step, -1))}>{s('back')}</Button>
              )}
              <ol class="share-steps" aria-hidden="true">
                {steps.map((one) => (
                  <li key={one} class={one === step ? 'here' : ''} />
                ))}
              </ol>
              {step === 'words' ? (
                <Button
                  kind="primary"
                  busy={sending}
                  disabled={fault !== undefined}
                  onClick={() => void send()}
                >
                  {s('share')}
                </Button>
              ) : (
                <Button kind="primary" onClick={() => setStep(neighbour(step, 1))}>
                  {s('next')}
                </Button>
              )}
            </footer>
          ) : null}
        </div>
      )}
    </Page>
  )
}

/** The day was that of a photograph that may be gone. */
function forgotten(before: Draft, { photos }: Partial<Draft>): Partial<Draft> {
  const ids = (list: Draft['photos']) => list.map(({ id }) => id).join()
  return photos && ids(photos) !== ids(before.photos) ? { displayAt: undefined } : {}
}

function neighbour(step: Step, by: 1 | -1): Step {
  return steps[steps.indexOf(step) + by] ?? step
}

function freshDraft(): Draft {
  return {
    id: newIdempotencyKey(),
    ownerId: me.value?.id ?? '',
    state: 'editing',
    showMetadata: me.value?.shareMetadata === true,
    audience: me.value?.defaultAudience ?? 'public',
    photos: [],
    caption: '',
    place: '',
    changedAt: Date.now(),
  }
}

interface FoundDraft {
  draft: Draft
  /** Names of videos that were too large to be kept with it. */
  lost: string[]
}

async function findDraft(): Promise<FoundDraft | undefined> {
  const drafts = await listDrafts(me.value?.id ?? '').catch(() => [])
  return drafts
    .filter(({ state }) => state === 'editing')
    .sort((a, b) => b.changedAt - a.changedAt)
    .map((draft) => ({
      draft: { ...draft, photos: draft.photos.filter((photo) => !isLost(photo)) },
      lost: draft.photos.filter(isLost).map(({ video }) => video?.name ?? ''),
    }))
    .find(({ draft }) => draft.photos.length > 0)
}

function faultOf({ caption }: Draft): string | undefined {
  if (codePointLength(caption) > limits.captionLength) return s('tooLong')
  if (valuesOf(parseText(caption), 'hashtag').length > limits.hashtagsPerCaption) return s('tooManyTags')
  return undefined
}
