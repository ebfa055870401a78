import type { LogLine } from '@heliograph/contract/admin'
import type { Role } from '@heliograph/contract/roles'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { DecisionWords } from '../moderation/log-line.tsx'
import { roleText } from './admin-text.ts'
import { a } from './admin-words.ts'

/** Lines of both logs: who did what, to whom, when, and why. */
export function LogLines({ lines }: { lines: readonly LogLine[] }) {
  return (
    <ol class="log">
      {lines.map((line) => (
        <li key={line.id} class="log-line">
          <p>
            {line.kind === 'decision' ? (
              <DecisionWords line={line} />
            ) : (
              <>
                <b>{line.by === 'person' ? (line.actor ?? a('by.gone')) : a(`by.${line.by}`)}</b>{' '}
                {actText(line)}
              </>
            )}
          </p>
          {line.note ? <p class="quiet">{a('log.note', { note: line.note })}</p> : null}
          <p class="quiet">
            <TimeAgo iso={line.at} />
          </p>
        </li>
      ))}
    </ol>
  )
}

function actText(line: Extract<LogLine, { kind: 'act' }>): string {
  const rolesIn = (facts: Record<string, unknown>) => roleText((facts.roles ?? []) as Role[])
  return a(`act.${line.act}`, {
    name: line.subject ?? a('by.gone'),
    before: rolesIn(line.before),
    after: rolesIn(line.after),
  })
}
