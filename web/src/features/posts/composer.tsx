import { limits } from '@heliograph/contract/limits'
import type { Comment, Post } from '@heliograph/contract/posts'
import { codePointLength } from '@heliograph/contract/text'
import { ArrowUp, X } from 'lucide-preact'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { announce } from '../../ui/toast.tsx'
import { CompletingArea } from '../text/completing-area.tsx'
import { isComposing } from '../text/keys.ts'
import { refused } from './comments-lists.ts'

interface ComposerProps {
  post: Post
  area: RefObject<HTMLTextAreaElement | null>
  answering: Comment | undefined
  onStopAnswering: () => void
  onSent: (comment: Comment) => void
}

/** The line beneath the comments. What is written stays until it is sent, over reloads too. */
export function Composer({ post, area, answering, onStopAnswering, onSent }: ComposerProps) {
  const [ownerId] = useState(() => me.peek()?.id)
  const draft = `heliograph.comment.${ownerId}.${post.id}`
  const [text, setText] = useState(() => sessionStorage.getItem(draft) ?? '')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const key = useRef(newIdempotencyKey())
  const over = codePointLength(text) - limits.commentLength

  useEffect(() => {
    if (text) sessionStorage.setItem(draft, text)
    else sessionStorage.removeItem(draft)
    key.current = newIdempotencyKey()
  }, [text, draft, answering])

  // An answer begins with the name it is for, unless something is written already.
  useEffect(() => {
    if (answering) setText((before) => before || `@${answering.author.username} `)
  }, [answering])

  const user = me.value
  if (!user) {
    return (
      <p class="composer composer-signin">
        <a class="text-link" href={`/signin?next=${encodeURIComponent(place.value.path)}`}>
          {t('comments.signIn')}
        </a>
      </p>
    )
  }

  if (post.commentsOff || refused.value.has(post.id)) {
    return (
      <p class="composer composer-off quiet">{t(post.commentsOff ? 'comments.off' : 'comments.refused')}</p>
    )
  }

  async function send(): Promise<void> {
    if (busy || over > 0 || !text.trim()) return
    setBusy(true)
    setProblem(undefined)
    try {
      const body = {
        text: text.trim(),
        ...(answering ? { parentId: answering.parentId ?? answering.id } : {}),
      }
      const comment = await call('POST /api/posts/:id/comments', {
        params: { id: post.id },
        body,
        idempotencyKey: key.current,
      })
      setText('')
      announce(t('comments.sent'))
      onSent(comment)
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
      area.current?.focus()
    }
  }

  return (
    <div class="composer">
      {answering ? (
        <div class="composer-reply">
          <span class="quiet">{t('comments.replyTo', { name: answering.author.username })}</span>
          <IconButton
            icon={X}
            size={18}
            label={t('comments.replyTo.cancel', { name: answering.author.username })}
            onClick={() => {
              if (text.trim() === `@${answering.author.username}`) setText('')
              onStopAnswering()
            }}
          />
        </div>
      ) : null}
      {problem || over > 0 ? (
        <p class="composer-error" role="alert">
          {over > 0 ? t('comments.tooLong', { count: over }) : problemText(problem)}
        </p>
      ) : null}
      <div class="composer-row">
        <Avatar user={user} size={32} />
        <CompletingArea
          area={area}
          class="composer-input"
          label={t('comments.write')}
          placeholder={t('post.comments.add')}
          rows={1}
          side="above"
          value={text}
          onInput={setText}
          invalid={over > 0}
          onKeyDown={(event) => {
            // On a keyboard Enter sends; on a phone it is a new line, and the button sends.
            const thumb = matchMedia('(pointer: coarse)').matches
            if (event.key !== 'Enter' || event.shiftKey || isComposing(event) || thumb) return
            event.preventDefault()
            void send()
          }}
        />
        {text.trim() ? (
          <IconButton
            icon={ArrowUp}
            class="send"
            label={t('comments.send')}
            disabled={busy || over > 0}
            onClick={() => void send()}
          />
        ) : null}
      </div>
    </div>
  )
}
