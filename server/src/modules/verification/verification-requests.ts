import { cleanLine } from '@heliograph/contract/clean-text'
import type { OwnVerification, VerificationBody } from '@heliograph/contract/verification'
import type { z } from 'zod'
import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { mayAskAt, newestLooked } from './verification-policy.ts'
import { findLastRequest, insertRequest, listNewest, updateRequest } from './verification-repository.ts'
import type { RequestRow } from './verification-tables.ts'
import { presentRequest } from './verification-view.ts'

/** What a person does about being verified. */
export interface Requests {
  of(userId: Id): Promise<OwnVerification>
  ask(userId: Id, body: z.output<typeof VerificationBody>, once: Once): Promise<RequestRow>
  /** Nothing waits: nothing happens. */
  withdraw(userId: Id): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  accounts: Pick<AccountsApi, 'findByIds' | 'lockAccounts'>
  media: Pick<MediaApi, 'evidence'>
}

export function createRequests({ database, ids, clock, accounts, media }: Deps): Requests {
  return {
    async of(userId) {
      const [found, newest] = await Promise.all([
        accounts.findByIds([userId], database.main),
        listNewest(database.main, userId, newestLooked),
      ])
      const [last] = newest
      return {
        isVerified: found.get(userId)?.isVerified === true,
        request: last ? presentRequest(last) : null,
        mayAskAt: mayAskAt(newest, clock.now())?.toISOString() ?? null,
      }
    },

    async ask(userId, body, once) {
      const bucket = bucketOf(userId)
      const files = await media.evidence.look(userId, body.evidence)
      const row: RequestRow = {
        bucket,
        id: ids.next(bucket),
        user_id: userId,
        category: body.category,
        full_name: cleanLine(body.fullName),
        known_as: cleanLine(body.knownAs ?? ''),
        links: body.links ?? [],
        evidence: files,
        state: 'waiting',
        reason: '',
        created_at: new Date(clock.now()),
        decided_at: null,
        erase_at: null,
      }
      await database.transaction(
        async (tx) => {
          // Two requests at once wait for each other here, and so does a decision.
          const account = (await accounts.lockAccounts(tx, [userId])).get(userId)
          if (account?.state !== 'active') throw fault('auth.invalid')
          if (account.isVerified) throw fault('verification.verified')
          const newest = await listNewest(tx, userId, newestLooked)
          if (newest[0]?.state === 'waiting') throw fault('verification.waiting')
          const from = mayAskAt(newest, clock.now())
          if (from) throw fault('verification.too_soon', { detail: `From ${from.toISOString()} on.` })
          await media.evidence.take(tx, userId, body.evidence)
          await insertRequest(tx, {
            ...row,
            links: JSON.stringify(row.links),
            evidence: JSON.stringify(row.evidence),
          })
          await once.record(tx, row.id)
        },
        { by: userId },
      )
      return row
    },

    async withdraw(userId) {
      await database.transaction(
        async (tx) => {
          await accounts.lockAccounts(tx, [userId])
          const last = await findLastRequest(tx, userId)
          if (last?.state !== 'waiting') return
          const now = new Date(clock.now())
          // Nobody needs it any more: the next sweep erases it.
          await updateRequest(tx, last.id, { state: 'withdrawn', decided_at: now, erase_at: now })
        },
        { by: userId },
      )
    },
  }
}
