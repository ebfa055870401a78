import { signal } from '@preact/signals'
import { Lazy } from '../../ui/lazy.tsx'
import { requireSignIn } from '../posts/posts-actions.ts'
import type { Reported } from './reported.ts'

const reported = signal<Reported | undefined>(undefined)

export function openReport(what: Reported): void {
  if (requireSignIn()) reported.value = what
}

/** Beside the page, as whatever was reported may leave it meanwhile. */
export function ReportHost() {
  const what = reported.value
  if (!what) return null
  const close = () => {
    reported.value = undefined
  }
  return <Lazy load={loadSheet} props={{ what, onClose: close }} onFailed={close} />
}

async function loadSheet() {
  const [{ ReportSheet }, { reportWords }] = await Promise.all([
    import('./report-sheet.tsx'),
    import('./report-words.ts'),
  ])
  await reportWords.load()
  return ReportSheet
}
