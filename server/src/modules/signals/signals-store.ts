import type { SignalKind } from '@heliograph/contract/signals'
import { sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import { createTasteSums, type TasteSums } from '#modules/ranking'
import type { Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import {
  insertRows,
  lockPeople,
  type NewSignal,
  notePeople,
  type Withdrawal,
  withdraw,
} from './signals-repository.ts'
import { findBlocked } from './signals-standing.ts'
import { addSums } from './sums-repository.ts'

/** Rows that one person can add on one day, whoever caused them. */
export const rowsPerDay = 2000
/** Of these what others cause leaves as many to the person: nobody fills another's day by liking again and again. */
const ownRowsPerDay = 1000
const dayMs = 24 * 60 * 60 * 1000

export function dayOf(ms: number): number {
  return Math.floor(ms / dayMs)
}

export interface Entry {
  userId: Id
  kind: SignalKind
  /** What it is about: the same again on one day counts nothing. */
  subject: string
  at: number
  /** Where its clock is in doubt. */
  earliest?: number
  postId?: Id | null
  personId?: Id | null
  tag?: string | null
  surface?: string | null
  dwellMs?: number | null
  /** Adds what it is worth to the person's sums. */
  add(sums: TasteSums, context: AddContext): void
}

export interface AddContext {
  /** Of the person. */
  timeZone: string
  /** When their session before began. */
  previous: number | null
}

interface Deps {
  ids: IdSource
  accounts: Pick<AccountsApi, 'preferencesOf'>
}

/**
 * Writes what happened to any number of people, in one set of statements. Rows of a person are written under the lock of
 * their row in `signal_people`, which erasing takes as well: what is erased does not come back.
 */
export type RecordSignals = (
  tx: Tx,
  entries: readonly Entry[],
  withdrawals: readonly Withdrawal[],
  now: number,
) => Promise<{ added: Entry[]; changed: Set<Id> }>

export function createRecord({ ids, accounts }: Deps): RecordSignals {
  return async (tx, entries, withdrawals, now) => {
    const concerned = [...new Set([...entries, ...withdrawals].map(({ userId }) => userId))].sort(compareIds)
    if (concerned.length === 0) return { added: [], changed: new Set() }
    const today = dayOf(now)
    const people = await lockPeople(tx, concerned, today)
    const settings = await accounts.preferencesOf(concerned, tx)
    // Behind the locks, as a block that comes later forgets behind them: nothing is kept about who is blocked by then.
    const parted = await findBlocked(tx, entries.flatMap(pairOf))
    const room = new Map<Id, number>()
    for (const [id, person] of people) room.set(id, rowsPerDay - (person.day === today ? person.dayCount : 0))

    const wanted = new Map<string, Entry>()
    for (const entry of entries) {
      const { userId } = entry
      const person = people.get(userId)
      if (!person || !settings.get(userId)?.personalisation) continue
      if (person.erasedAt !== null && (entry.earliest ?? entry.at) <= person.erasedAt) continue
      if (entry.personId && parted.has(`${userId} ${entry.personId}`)) continue
      const key = `${userId} ${entry.kind} ${entry.subject} ${dayOf(entry.at)}`
      const left = room.get(userId)!
      const reserved = entry.kind.startsWith('received_') ? ownRowsPerDay : 0
      if (left <= reserved || wanted.has(key)) continue
      wanted.set(key, entry)
      room.set(userId, left - 1)
    }
    // First: what was taken back may have been done again.
    const taken = await withdraw(tx, withdrawals)
    const rows = [...wanted].map(([key, entry]) => ({ key, entry, row: rowOf(entry, ids) }))
    const inserted = await insertRows(
      tx,
      rows.map(({ row }) => row),
    )
    const added = rows.filter(({ row }) => inserted.has(row.id)).map(({ entry }) => entry)

    const sumsOf = new Map<Id, TasteSums>()
    const sums = (userId: Id) => {
      let found = sumsOf.get(userId)
      if (!found) {
        found = createTasteSums()
        sumsOf.set(userId, found)
      }
      return found
    }
    const byTime = added.toSorted((a, b) => a.at - b.at)
    for (const entry of byTime) {
      const own = sums(entry.userId)
      const previous = own.sessions.lastStartedAt ?? people.get(entry.userId)!.lastStartedAt
      entry.add(own, { previous, timeZone: settings.get(entry.userId)!.timeZone })
    }
    for (const { withdrawal, at } of taken)
      withdrawal.subtract(sums(withdrawal.userId), at, settings.get(withdrawal.userId)?.timeZone ?? 'UTC')
    await addSums(tx, sumsOf)
    const counts = Map.groupBy(added, ({ userId }) => userId)
    await notePeople(
      tx,
      [...sumsOf].map(([userId, { sessions }]) => ({
        userId,
        today,
        count: counts.get(userId)?.length ?? 0,
        sessions,
      })),
    )
    return { added, changed: new Set(sumsOf.keys()) }
  }
}

function pairOf({ userId, personId }: Entry): { userId: Id; personId: Id }[] {
  return personId ? [{ userId, personId }] : []
}

function rowOf(entry: Entry, ids: IdSource): NewSignal {
  const bucket = bucketOf(entry.userId)
  return {
    bucket,
    user_id: entry.userId,
    kind: entry.kind,
    subject: entry.subject,
    day: dayOf(entry.at),
    id: ids.next(bucket),
    target_id: entry.postId ?? null,
    person_id: entry.personId ?? null,
    tag: entry.tag ?? null,
    surface: entry.surface ?? null,
    dwell_ms: entry.dwellMs ?? null,
    at: new Date(entry.at),
  }
}

/** Nothing stays but that it was erased, and the bound of the day. Hidden posts are no signal. */
export async function eraseSignals(tx: Tx, userId: Id, now: number): Promise<void> {
  await lockPeople(tx, [userId], dayOf(now))
  const bucket = bucketOf(userId)
  for (const table of ['signals', 'signal_authors', 'signal_features', 'signal_rhythm'] as const)
    await sql`delete from ${sql.table(table)} where bucket = ${bucket} and user_id = ${userId}`.execute(tx)
  await tx
    .updateTable('signal_people')
    .set({
      erased_at: new Date(now),
      session_count: 0,
      session_ms: 0,
      gap_count: 0,
      gap_ms: 0,
      last_started_at: null,
      last_ended_at: null,
    })
    .where('bucket', '=', bucket)
    .where('user_id', '=', userId)
    .execute()
}
