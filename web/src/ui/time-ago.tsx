import { signal } from '@preact/signals'
import { dateLocale, t } from '../lib/i18n.ts'
import { fullTime, timeAgo } from '../lib/time.ts'

/** One clock for all times on the screen. */
const now = signal(Date.now())
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}, 30_000)

export function TimeAgo({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={fullTime(iso, dateLocale())}>
      {timeAgo(iso, now.value, dateLocale()) ?? t('time.now')}
    </time>
  )
}
