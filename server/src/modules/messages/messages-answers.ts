import { sql } from 'kysely'
import type { Locked } from './messages-gate.ts'
import type { MessageRow } from './messages-tables.ts'

/**
 * Beside an answer stands the beginning of what it answers: when that is another or gone, each answer has changed with it, and
 * whoever asks for what is new finds them too. Before the number is told. With `upTo` only that many of the newest: as often as
 * somebody may edit, each of thousands would cost as much again; the others say it when they are read next.
 */
export async function changeAnswers(
  { tx, next }: Pick<Locked, 'tx' | 'next'>,
  { bucket, conversation_id, sequence }: Pick<MessageRow, 'bucket' | 'conversation_id' | 'sequence'>,
  { upTo = Number.MAX_SAFE_INTEGER }: { upTo?: number } = {},
): Promise<void> {
  const answers = await tx
    .selectFrom('messages')
    .select('sequence')
    .where('bucket', '=', bucket)
    .where('conversation_id', '=', conversation_id)
    .where('reply_to', '=', sequence)
    .orderBy('sequence', 'desc')
    .limit(upTo)
    .execute()
  if (answers.length === 0) return
  const sequences = answers.map((answer) => answer.sequence).reverse()
  await sql`
    update messages m set version = w.version
    from unnest(${sequences}::integer[], ${sequences.map(next)}::integer[])
      as w(sequence, version)
    where m.bucket = ${bucket} and m.conversation_id = ${conversation_id} and m.sequence = w.sequence
  `.execute(tx)
}
