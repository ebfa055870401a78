import type { ErrorCode } from '@heliograph/contract/error-codes'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { isFault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Follows } from './follow-service.ts'
import { listRows, pairs } from './pair-rows.ts'

export interface Requests {
  /** All that wait now; what is not done in the answer's time a job does. Those that became follows already. */
  acceptAll(id: Id): Promise<number>
}

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  follows: Pick<Follows, 'accept'>
}

/** A moment's work: each is a transaction of its own, which whoever else changes one of them waits for. */
const batch = 50

export function createRequests({ database, events, jobs, follows }: Deps): Requests {
  /** Those that are older than a place in the list, newest first. */
  async function acceptBatch(id: Id, before: Id | null): Promise<{ accepted: number; last: Id | null }> {
    const waiting = await listRows(database.main, pairs.requests.mirror, id, { before, limit: batch })
    let accepted = 0
    for (const { userId } of waiting) if (await accept({ from: userId, to: id })) accepted++
    return { accepted, last: waiting.length < batch ? null : waiting.at(-1)!.id }
  }

  async function accept(pair: { from: Id; to: Id }): Promise<boolean> {
    try {
      await follows.accept(pair)
      return true
    } catch (error) {
      if (passes.some((code) => isFault(error, code))) return false
      throw error
    }
  }

  jobs.define<{ accountId: Id; before: Id }>('graph.accept_all', {
    lane: 'default',
    maxAttempts: 8,
    async run({ accountId, before }, { signal }) {
      let place: Id | null = before
      while (place !== null) {
        if (signal.aborted) throw new Error('The server stops; the rest is done after the start')
        place = (await acceptBatch(accountId, place)).last
      }
    },
  })
  events.react('graph.accept_all_asked', 'graph.accept_all', ({ subjectId, data }) => ({
    accountId: subjectId,
    before: data.before,
  }))

  return {
    async acceptAll(id) {
      const { accepted, last } = await acceptBatch(id, null)
      if (last !== null)
        await database.transaction(
          (tx) =>
            events.emit(tx, 'graph.accept_all_asked', {
              bucket: bucketOf(id),
              subjectId: id,
              data: { before: last },
            }),
          { by: id },
        )
      return accepted
    },
  }
}

/** Taken back meanwhile; follows as many as is possible and keeps asking; is there no more. */
const passes: readonly ErrorCode[] = ['follow_request.not_found', 'follow.too_many', 'user.not_found']
