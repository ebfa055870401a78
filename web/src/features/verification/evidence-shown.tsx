import type { VerificationCase } from '@heliograph/contract/verification'
import { v } from './verification-words.ts'

interface EvidenceShownProps {
  item: VerificationCase
  /** The proof that opened it has run out. */
  onRefused: () => void
}

/** What somebody sent to show who they are. */
export function EvidenceShown({ item, onRefused }: EvidenceShownProps) {
  return (
    <>
      <p>
        <strong dir="auto">{item.fullName}</strong>
      </p>
      {item.knownAs ? <p dir="auto">{v('queue.knownAs', { name: item.knownAs })}</p> : null}
      <ul>
        {item.links.map((link) => (
          <li key={link}>
            <a href={link} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
              {link}
            </a>
          </li>
        ))}
      </ul>
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
                <img
                  src={address}
                  alt={v('queue.file', { number: at + 1 })}
                  class="evidence"
                  onError={onRefused}
                />
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}
