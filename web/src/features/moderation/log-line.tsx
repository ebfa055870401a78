import type { ModerationLogEntry } from '@heliograph/contract/moderation'
import { m } from './moderation-words.ts'

/** Who decided what, about what of whom. */
export function DecisionWords({ line }: { line: ModerationLogEntry }) {
  const name = line.author ?? m('nobody')
  const what = line.subject === 'picture' ? m('log.picture') : m(`log.${line.subject}`, { name })
  const act = line.subject === 'account' && line.act === 'remove' ? 'suspend' : line.act
  return (
    <>
      <b>{line.actor ?? m('operator')}</b> · {what} · {m(`act.${act}`)}
    </>
  )
}
