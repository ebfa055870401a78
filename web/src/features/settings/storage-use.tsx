import type { StorageUse as Use } from '@heliograph/contract/media'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { locale } from '../../lib/i18n.ts'
import { Meter } from '../../ui/meter.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonLine } from '../../ui/skeleton.tsx'
import { bytesText } from './bytes-text.ts'
import { w } from './settings-words.ts'

/** From here on it is worth a word before an upload is refused. */
const nearlyFull = 0.9

export function StorageUse() {
  const [use, setUse] = useState<Use | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/me/storage').then(setUse, setProblem)
  }
  useEffect(() => void read(), [])

  if (problem) return <ProblemNotice error={problem} onRetry={() => void read()} />
  return <div class="settings-storage">{use ? <Words use={use} /> : <SkeletonLine width="60%" />}</div>
}

function Words({ use: { usedBytes, quotaBytes } }: { use: Use }) {
  const used = bytesText(usedBytes, locale())
  if (quotaBytes === null) return <span>{w('storage.free', { used })}</span>
  const share = Math.min(1, usedBytes / quotaBytes)
  const words = w('storage.used', { used, quota: bytesText(quotaBytes, locale()) })
  return (
    <>
      <span id="storage-words">{words}</span>
      <Meter labelledBy="storage-words" value={share} alarming={share >= nearlyFull} />
      <span class="settings-note">{w(share >= nearlyFull ? 'storage.full' : 'storage.hint')}</span>
    </>
  )
}
