import type { Story } from '@heliograph/contract/stories'
import { Eye, Send, SendHorizontal, Smile } from 'lucide-preact'
import type { Ref } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { serverNow } from '../../lib/server-clock.ts'
import { compactCount } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { loadSendTo } from '../messages/send-to.ts'
import { createReply } from './send-reply.ts'
import { w } from './stories-words.ts'
import { react } from './story-actions.ts'
import { ViewersSheet } from './viewers-sheet.tsx'

interface StoryFootProps {
  story: Story
  own: boolean
  /** It is looked at in a highlight: as long as that shows it, messages do. */
  isHighlighted: boolean
  field: Ref<HTMLInputElement>
  /** Words are in the making: the Story waits. */
  onWriting: (writing: boolean) => void
}

/** Below the picture: who has seen one's own, an answer to those of others. */
export function StoryFoot({ story, own, isHighlighted, field, onWriting }: StoryFootProps) {
  const isOver = Date.parse(story.expiresAt) <= serverNow()
  // What lies in the archive alone nobody else would see.
  const mayPassOn = !isOver || isHighlighted
  if (own)
    return (
      <div class="story-own">
        <SeenBy story={story} />
        {mayPassOn ? <PassOn story={story} onOpen={onWriting} /> : null}
      </div>
    )
  // Answers would come late.
  if (isOver) return mayPassOn ? <PassedOnAlone story={story} onWriting={onWriting} /> : null
  return <Answer story={story} field={field} onWriting={onWriting} />
}

function SeenBy({ story }: { story: Story }) {
  const [open, setOpen] = useState(false)
  const count = story.viewCount ?? 0
  return (
    <>
      <button
        type="button"
        class="story-seen"
        data-part="seen"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon of={Eye} size={22} />
        <span aria-live="polite">
          {count > 0 ? w('seen', { count, shown: compactCount(count, locale()) }) : w('seen.not')}
        </span>
      </button>
      {open ? <ViewersSheet story={story} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

interface PassOnProps {
  story: Story
  /** It waits meanwhile. */
  onOpen: (isOpen: boolean) => void
  onSent?: (said: string) => void
}

/** To people and conversations; each of them sees it as long as they may. */
function PassOn({ story, onOpen, onSent }: PassOnProps) {
  const [open, setOpen] = useState(false)
  const { id, author, media, altText } = story
  function show(isOpen: boolean): void {
    setOpen(isOpen)
    onOpen(isOpen)
  }
  return (
    <>
      <IconButton icon={Send} label={w('passOn')} part="pass-on" hasPopup onClick={() => show(true)} />
      {open ? (
        <Lazy
          load={loadSendTo}
          props={{
            attachment: { type: 'story' as const, story: { id, author, media, altText } },
            note: w(story.audience === 'close_friends' ? 'passOn.close' : 'passOn.followers', {
              name: author.username,
            }),
            onSent: () => onSent?.(w('passOn.done')),
            onClose: () => show(false),
          }}
          onFailed={() => show(false)}
        />
      ) : null}
    </>
  )
}

function PassedOnAlone({ story, onWriting }: Pick<StoryFootProps, 'story' | 'onWriting'>) {
  const [sent, setSent] = useState('')
  return (
    <div class="story-passed-on">
      {/* What stands outside the dialog is shown, but not heard meanwhile. */}
      <p class="unseen" role="status">
        {sent}
      </p>
      <PassOn story={story} onOpen={onWriting} onSent={setSent} />
    </div>
  )
}

/** Few enough for a row that fits the narrowest screen, each with its name for those who hear it. */
const quick = [
  ['❤️', 'emoji.heart'],
  ['😂', 'emoji.laugh'],
  ['😮', 'emoji.wow'],
  ['😢', 'emoji.sad'],
  ['👏', 'emoji.clap'],
  ['🔥', 'emoji.fire'],
] as const

function Answer({ story, field, onWriting }: Omit<StoryFootProps, 'own' | 'isHighlighted'>) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [reacting, setReacting] = useState(false)
  const [sent, setSent] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const { id, author } = story
  const sendReply = useMemo(() => createReply(id, author.username), [id, author.username])

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (text.trim() === '' || busy) return
    setBusy(true)
    try {
      await sendReply(text.trim())
      setText('')
      setSent(w('reply.sent', { name: story.author.username }))
      toast(w('reply.sent', { name: story.author.username }))
      form.current?.querySelector('input')?.blur()
    } catch (error) {
      toastProblem(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form ref={form} class="story-answer" onSubmit={(event) => void send(event)}>
      {/* What stands outside the dialog is shown, but not heard meanwhile. */}
      <p class="unseen" role="status">
        {sent}
      </p>
      {reacting ? (
        <fieldset class="story-reactions" aria-label={w('reactions')}>
          {quick.map(([emoji, name]) => (
            <button
              key={emoji}
              type="button"
              aria-label={w(name)}
              aria-pressed={story.reaction === emoji}
              onClick={() => {
                void react(story, emoji)
                setReacting(false)
                onWriting(false)
                opener.current?.focus()
              }}
            >
              <span aria-hidden="true">{emoji}</span>
            </button>
          ))}
        </fieldset>
      ) : null}
      {story.mayReply ? (
        <input
          ref={field}
          class="story-reply"
          type="text"
          dir="auto"
          value={text}
          maxLength={1000}
          enterkeyhint="send"
          aria-label={w('reply', { name: story.author.username })}
          placeholder={w('reply', { name: story.author.username })}
          onInput={(event) => setText(event.currentTarget.value)}
          onFocus={() => onWriting(true)}
          onBlur={() => onWriting(reacting)}
        />
      ) : (
        <p class="story-no-reply">{w('reply.closed', { name: story.author.username })}</p>
      )}
      {text.trim() ? (
        <button type="submit" class="icon-button" aria-label={w('reply.send')} aria-busy={busy}>
          <Icon of={SendHorizontal} />
        </button>
      ) : (
        <button
          ref={opener}
          type="button"
          data-part="react"
          class="icon-button story-react"
          aria-label={story.reaction ? w('react.again', { emoji: story.reaction }) : w('react')}
          aria-expanded={reacting}
          onClick={() => {
            setReacting(!reacting)
            onWriting(!reacting)
          }}
        >
          {story.reaction ? <span aria-hidden="true">{story.reaction}</span> : <Icon of={Smile} />}
        </button>
      )}
      {text.trim() ? null : <PassOn story={story} onOpen={onWriting} onSent={setSent} />}
    </form>
  )
}
