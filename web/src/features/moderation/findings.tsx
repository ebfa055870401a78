import { explicitness } from '@heliograph/contract/explicitness'
import type { ModerationCase, ModerationFinding } from '@heliograph/contract/moderation'
import { m } from './moderation-words.ts'
import { w } from './report-words.ts'

/** Why it is here: what the machine noticed, and what people say. */
export function Findings({ item }: { item: ModerationCase }) {
  const { findings, reportCount, reasons, notes } = item
  return (
    <div class="case-why">
      <ul>
        {findings.map((finding, at) => (
          <li key={at}>{describe(finding)}</li>
        ))}
        {reportCount > 0 ? (
          <li>
            {m('reports', { count: reportCount })}
            {': '}
            {reasons
              .map(({ reason, count }) =>
                reasons.length === 1 ? w(reason) : m('reports.reason', { reason: w(reason), count }),
              )
              .join(', ')}
          </li>
        ) : null}
      </ul>
      {notes.map(({ note, createdAt }) => (
        <blockquote key={createdAt + note} dir="auto">
          {note}
        </blockquote>
      ))}
    </div>
  )
}

function describe(finding: ModerationFinding): string {
  switch (finding.kind) {
    case 'words':
      return m('found.words', {
        severity: m(`severity.${finding.severity}`),
        field: m(`field.${finding.field}`),
      })
    case 'resembles':
      return m('found.resembles')
    case 'picture':
      return describePicture(finding.scores)
  }
}

function describePicture(scores: Record<string, number> | null): string {
  if (!scores) return m('found.unscored')
  const { porn = 0, hentai = 0 } = scores
  const percent = Math.round(explicitness(scores) * 100)
  if (percent < 50) return m('found.picture.quiet', { percent })
  return m(hentai > porn ? 'found.picture.drawn' : 'found.picture', { percent })
}
