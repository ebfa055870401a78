import type { ModerationLogEntry } from '@heliograph/contract/moderation'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { m } from './moderation-words.ts'

/** Who did what, to what of whom, when, and why. */
export function LogLine({ line }: { line: ModerationLogEntry }) {
  const name = line.author ?? m('nobody')
  const what = line.subject === 'picture' ? m('log.picture') : m(`log.${line.subject}`, { name })
  const act = line.subject === 'account' && line.act === 'remove' ? 'suspend' : line.act
  return (
    <li class="log-line">
      <p>
        <b>{line.actor ?? m('operator')}</b> · {what} · {m(`act.${act}`)}
      </p>
      {line.note ? <p class="quiet">{m('log.note', { note: line.note })}</p> : null}
      <p class="quiet">
        <TimeAgo iso={line.at} />
      </p>
    </li>
  )
}
