import type { VerificationCase } from '@heliograph/contract/verification'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { v } from './verification-words.ts'

/** Nothing is asked for before somebody means to look: each look is written down. */
export function EvidenceShown({ item }: { item: VerificationCase }) {
  const [shown, setShown] = useState(false)
  if (item.evidence.length === 0) return null
  if (!shown)
    return (
      <p>
        <Button onClick={() => setShown(true)}>{v('queue.show')}</Button>
        <span class="field-note">{v('queue.show.hint')}</span>
      </p>
    )
  return (
    <ul>
      {item.evidence.map(({ id, type }, at) => {
        const address = `/api/admin/verification-requests/${item.id}/evidence/${id}`
        return (
          <li key={id}>
            {type === 'application/pdf' ? (
              <a href={address} download>
                {v('queue.open', { number: at + 1 })}
              </a>
            ) : (
              <img src={address} alt={v('queue.file', { number: at + 1 })} class="evidence" />
            )}
          </li>
        )
      })}
    </ul>
  )
}
