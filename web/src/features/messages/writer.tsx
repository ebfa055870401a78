import { limits } from '@heliograph/contract/limits'
import type { Conversation, Message } from '@heliograph/contract/messages'
import { codePointLength } from '@heliograph/contract/text'
import { ArrowUp, ImagePlus, Mic, X } from 'lucide-preact'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { CompletingArea } from '../text/completing-area.tsx'
import { isComposing } from '../text/keys.ts'
import { ChosenFiles } from './chosen-files.tsx'
import { shortText } from './conversation-row.tsx'
import { dropDraft, keepDraft, unkeptDraft } from './drafts.ts'
import { edit } from './messages-acts.ts'
import { w } from './messages-words.ts'
import type { OutgoingFile } from './outgoing.ts'
import { send } from './send-queue.ts'
import { tellTyping } from './typing.ts'
import { canRecord } from './voice-recorder.ts'
import { answersText, senderName } from './who.ts'

export type About = { readonly kind: 'reply' | 'edit'; readonly message: Message } | undefined

interface WriterProps {
  conversation: Conversation
  area: RefObject<HTMLTextAreaElement | null>
  about: About
  onAbout: (about: About) => void
}

/** As long as a second click may come after the first: until then nothing else takes the button's place. */
const secondClickMs = 500

const loadRecorder = () => import('./recorder.tsx').then((part) => part.Recorder)

/** The line at the foot of a conversation. What is written stays until it is sent, over reloads and on other devices. */
export function Writer({ conversation, area, about, onAbout }: WriterProps) {
  const { id } = conversation
  const [text, setText] = useState(() => unkeptDraft(id) ?? conversation.draft)
  const [files, setFiles] = useState<readonly OutgoingFile[]>([])
  /** How many that were chosen are still looked at: nothing goes without them. */
  const [coming, setComing] = useState(0)
  const [recording, setRecording] = useState(false)
  const [busy, setBusy] = useState(false)
  const [justSent, setJustSent] = useState(false)
  const editing = about?.kind === 'edit' ? about.message : undefined
  const over = codePointLength(text) - limits.messageLength
  const isEmpty = text.trim() === '' && (files.length === 0 || editing !== undefined)

  // The words that are edited take the place of what was begun, and give it back.
  useLayoutEffect(() => {
    setText(editing ? editing.text : (unkeptDraft(id) ?? conversation.draft))
    if (about) area.current?.focus()
  }, [about])

  useEffect(() => {
    if (!justSent) return
    const timer = setTimeout(() => setJustSent(false), secondClickMs)
    return () => clearTimeout(timer)
  }, [justSent])

  function write(next: string): void {
    setText(next)
    if (editing) return
    keepDraft(id, next)
    if (next.trim() !== '') tellTyping(id)
  }

  async function submit(): Promise<void> {
    if (isEmpty || over > 0 || busy || coming > 0) return
    if (editing) {
      setBusy(true)
      if (await edit(editing, text.trim())) onAbout(undefined)
      setJustSent(true)
      setBusy(false)
    } else {
      sendNow(text.trim(), files)
      setText('')
      setFiles([])
      dropDraft(id)
    }
    area.current?.focus()
  }

  function sendNow(words: string, chosen: readonly OutgoingFile[]): void {
    send({
      conversationId: id,
      text: words,
      attachments: chosen.map((media) => ({ type: 'media', media })),
      replyTo: replyOf(about?.message),
    })
    onAbout(undefined)
    setJustSent(true)
  }

  async function choose(chosen: readonly File[]): Promise<void> {
    if (chosen.length === 0) return
    setComing((before) => before + chosen.length)
    try {
      const { pickFiles } = await import('./pick-files.ts')
      const picked = await pickFiles(chosen, limits.attachmentsPerMessage - files.length)
      setFiles((before) => [...before, ...picked])
      area.current?.focus()
    } catch (error) {
      toastProblem(error)
    } finally {
      setComing((before) => before - chosen.length)
    }
  }

  return (
    <div
      class="writer"
      onPaste={(event) => {
        const pasted = [...(event.clipboardData?.files ?? [])]
        if (editing || recording || pasted.length === 0) return
        event.preventDefault()
        void choose(pasted)
      }}
    >
      {about ? <AboutLine about={about} onStop={() => onAbout(undefined)} /> : null}
      <ChosenFiles files={files} coming={coming} onChange={setFiles} />
      {over > 0 ? (
        <p class="composer-error" role="alert">
          {w('tooLong', { count: over })}
        </p>
      ) : null}
      {recording ? (
        <Lazy
          load={loadRecorder}
          props={{
            onSend(note: OutgoingFile) {
              sendNow('', [note])
              setRecording(false)
            },
            onClose: () => setRecording(false),
          }}
          onFailed={() => setRecording(false)}
        />
      ) : (
        <div class="writer-row">
          {editing ? null : <ChooseButton onChosen={choose} />}
          <CompletingArea
            area={area}
            class="writer-field"
            label={w('write')}
            placeholder={w('write')}
            rows={1}
            side="above"
            value={text}
            onInput={write}
            invalid={over > 0}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && about) onAbout(undefined)
              // On a keyboard Enter sends; on a phone it is a new line, and the button sends.
              const thumb = matchMedia('(pointer: coarse)').matches
              if (event.key !== 'Enter' || event.shiftKey || isComposing(event) || thumb) return
              event.preventDefault()
              void submit()
            }}
          />
          {isEmpty && coming === 0 && !justSent && !editing && canRecord() ? (
            <IconButton icon={Mic} label={w('voice.record')} onClick={() => setRecording(true)} />
          ) : null}
          {isEmpty && coming === 0 && !justSent ? null : (
            <IconButton
              icon={ArrowUp}
              class="send"
              label={w(editing ? 'editing.save' : 'send')}
              disabled={isEmpty || busy || coming > 0 || over > 0}
              onClick={() => void submit()}
            />
          )}
        </div>
      )}
    </div>
  )
}

/** What is answered or edited, above the field. */
function AboutLine({ about, onStop }: { about: NonNullable<About>; onStop: () => void }) {
  const editing = about.kind === 'edit'
  return (
    <div class="writer-about">
      <span>
        <b>{editing ? w('editing') : answersText(about.message.senderId, senderName(about.message))}</b>
        <bdi>{shortText(about.message)}</bdi>
      </span>
      <IconButton
        icon={X}
        size={18}
        label={w(editing ? 'editing.cancel' : 'reply.cancel')}
        onClick={onStop}
      />
    </div>
  )
}

function ChooseButton({ onChosen }: { onChosen: (files: readonly File[]) => Promise<void> }) {
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton icon={ImagePlus} label={w('choose')} onClick={() => chooser.current?.click()} />
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept="image/*,video/*"
        onChange={(event) => {
          void onChosen([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}

function replyOf(message: Message | undefined): Message['replyTo'] {
  if (!message) return null
  const { id, sequence, senderId, text, attachments } = message
  return { id, sequence, senderId, text: text.slice(0, 100), hasAttachments: attachments.length > 0 }
}
