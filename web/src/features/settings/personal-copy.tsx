import type { Export, OwnExport } from '@heliograph/contract/exports'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale, locale } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Meter } from '../../ui/meter.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonLine } from '../../ui/skeleton.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { bytesText } from './bytes-text.ts'
import { w } from './settings-words.ts'

/** While it is made; nobody looks at a bar more often. */
const askAgainMs = 3000

/** A copy of everything of one's own: asked for, waited for, downloaded. */
export function PersonalCopy() {
  const [own, setOwn] = useState<OwnExport | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const isMade = own?.export?.state === 'preparing'

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/me/exports').then(setOwn, setProblem)
  }
  useEffect(() => void read(), [])
  useEffect(() => {
    if (!isMade) return
    // One that cannot be answered just now is asked again: the bar stays where it was.
    const timer = setInterval(
      () => void call('GET /api/me/exports').then(setOwn, () => undefined),
      askAgainMs,
    )
    return () => clearInterval(timer)
  }, [isMade])

  const ask = () => act(() => call('POST /api/me/exports'), read)

  if (problem) return <ProblemNotice error={problem} onRetry={() => void read()} />
  return (
    <div class="settings-form" aria-live="polite">
      <p class="quiet">{w('copy.hint')}</p>
      {own ? <State own={own} onAsk={() => void ask()} onChanged={read} /> : <SkeletonLine width="60%" />}
    </div>
  )
}

interface StateProps {
  own: OwnExport
  onAsk: () => void
  onChanged: () => Promise<void>
}

function State({ own: { export: copy, mayAskAt }, onAsk, onChanged }: StateProps) {
  const waits = mayAskAt !== null && Date.parse(mayAskAt) > Date.now()
  if (copy?.state === 'preparing') return <Making copy={copy} />
  return (
    <>
      {copy?.state === 'failed' ? <p>{w('copy.failed')}</p> : null}
      {copy?.state === 'ready' ? <Parts copy={copy} onChanged={onChanged} /> : null}
      {waits ? (
        <p class="quiet">{w('copy.again', { date: dateText(mayAskAt, true) })}</p>
      ) : (
        <Button kind={copy?.state === 'ready' ? 'plain' : 'strong'} onClick={onAsk}>
          {w(copy ? 'copy.ask.again' : 'copy.ask')}
        </Button>
      )}
    </>
  )
}

function Making({ copy }: { copy: Export }) {
  const percent = new Intl.NumberFormat(locale(), { style: 'percent' }).format(copy.progress)
  return (
    <>
      <span id="copy-words">{w('copy.making')}</span>
      <Meter labelledBy="copy-words" value={copy.progress} valueText={percent} />
      <span class="settings-note">{w('copy.making.hint')}</span>
    </>
  )
}

/** The address is asked for when it is wanted: it ends, and the server wants to know who asks. */
function Parts({ copy, onChanged }: { copy: Export; onChanged: () => Promise<void> }) {
  const params = { id: copy.id }
  const isOne = copy.parts.length === 1

  const download = (number: number) =>
    act(
      () => call('POST /api/me/exports/:id/addresses', { params }),
      ({ parts }) => {
        const part = parts.find((one) => one.number === number)
        if (part) follow(part)
      },
    )

  async function remove(): Promise<void> {
    const sure = await confirmAction({
      title: w('copy.remove.title'),
      text: w('copy.remove.text'),
      action: w('copy.remove'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/me/exports/:id', { params }),
      () => {
        toast(w('copy.removed'))
        return onChanged()
      },
    )
  }

  return (
    <>
      <p>{w('copy.ready', { date: dateText(copy.expiresAt) })}</p>
      {isOne ? null : <p class="quiet">{w('copy.parts')}</p>}
      {copy.missing > 0 ? <p class="quiet">{w('copy.missing', { count: copy.missing })}</p> : null}
      <ul class="settings-parts">
        {copy.parts.map(({ number, bytes }) => (
          <li key={number}>
            <Button kind="strong" onClick={() => void download(number)}>
              {isOne ? w('copy.download') : w('copy.download.part', { number, count: copy.parts.length })}
            </Button>
            <span class="quiet">{bytesText(bytes, locale())}</span>
          </li>
        ))}
      </ul>
      <Button kind="danger" onClick={() => void remove()}>
        {w('copy.remove')}
      </Button>
    </>
  )
}

function follow({ url, name }: { url: string; name: string }): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}

function dateText(iso: string | null, withTime = false): string {
  if (iso === null) return ''
  const style: Intl.DateTimeFormatOptions = withTime
    ? { dateStyle: 'long', timeStyle: 'short' }
    : { dateStyle: 'long' }
  return new Intl.DateTimeFormat(dateLocale(), style).format(Date.parse(iso))
}
