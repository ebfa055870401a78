import { ArrowLeft } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { goBack, place } from '../../lib/navigation.ts'
import { wideScreen } from '../../lib/wide-screen.ts'
import { useTitle } from '../../shell/page.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { TalkList } from './talk-list.tsx'
import { useVisibleHeight } from './use-visible-height.ts'

/** One conversation: the whole screen of a phone; on wide ones beside the list of all of them. */
export function MessagesFrame({ title, children }: { title: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null)
  useVisibleHeight(box)
  useTitle(title)
  return (
    <div class="talks-frame" ref={box}>
      {wideScreen.value ? <TalkList folder="inbox" beside /> : null}
      <div class="talk">{children}</div>
    </div>
  )
}

interface TalkHeadProps {
  title: ComponentChildren
  backTo?: string
  children?: ComponentChildren
}

export function TalkHead({ title, backTo = '/messages', children }: TalkHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // In place of the head that stood while it was read, and took the focus of who came here along.
    const isLost = document.activeElement === document.body
    if (isLost && place.peek().how === 'push') heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <header class="talk-head">
      {wideScreen.value && backTo === '/messages' ? null : (
        <IconButton icon={ArrowLeft} label={t('ui.back')} onClick={() => goBack(backTo)} />
      )}
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </header>
  )
}
