import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { findUser, listOldNames, lockPasswordHash, updateUser } from './accounts-repository.ts'
import type { EraseOf } from './accounts-types.ts'
import { lockCounts } from './counts-repository.ts'
import { listEmailChanges, releaseEmail } from './email-changes-repository.ts'
import { deletePasskey, listPasskeys } from './second-factors/passkeys-repository.ts'

interface Deps {
  database: Database
  events: Events
  jobs: Jobs
  clock: Clock
}

export interface Erasing {
  /** In the order in which modules were made. */
  whenErased(erase: EraseOf): void
  /**
   * Of an account that is deleted. Begun again it goes on where it was: what is gone is not found, and its row comes last.
   * Where one room fails the others are emptied all the same, and who it was is forgotten; throws then.
   */
  erase(id: Id, signal: AbortSignal): Promise<void>
  /**
   * Asks again for the work on all that are deleted and not erased yet, where it was given up; what waits for its next
   * try keeps its place.
   */
  resume(signal: AbortSignal): Promise<void>
}

const batch = 100

/** One job for an account, whoever asks for it. */
const jobOf = (userId: Id) => `accounts.erase:${userId}`

/** Takes everything of somebody who left away, room by room; in the end a number is left, which names nobody. */
export function createErasing({ database, events, jobs, clock }: Deps): Erasing {
  const rooms: EraseOf[] = []

  async function eraseOwn(id: Id, isAll: boolean): Promise<void> {
    await database.transaction(async (tx) => {
      await lockPasswordHash(tx, id)
      await lockCounts(tx, [id])
      await freeNames(tx, id)
      for (const table of ownTables)
        await tx.deleteFrom(table).where('bucket', '=', bucketOf(id)).where('user_id', '=', id).execute()
      await tx
        .deleteFrom('invitations')
        .where('bucket', '=', bucketOf(id))
        .where('created_by', '=', id)
        .execute()
      const last = { ...noPicture, erased_at: new Date(clock.now()) }
      await updateUser(tx, id, { ...nobody, username: `~${id}`, ...(isAll && last) })
      // What others hold of it in memory names nobody any more.
      await events.emit(tx, 'accounts.profile_changed', {
        bucket: bucketOf(id),
        subjectId: id,
        data: { usernameChanged: false },
      })
    })
  }

  const erase: Erasing['erase'] = async (id, signal) => {
    const user = await findUser(database.main, id)
    if (user?.state !== 'deleted' || user.erased_at !== null) return
    const failures: unknown[] = []
    for (const room of rooms) {
      signal.throwIfAborted()
      try {
        await room(id, signal)
      } catch (error) {
        failures.push(error)
      }
    }
    signal.throwIfAborted()
    await eraseOwn(id, failures.length === 0)
    if (failures.length > 0)
      throw new AggregateError(failures, 'Something of a deleted account is still there')
  }

  jobs.define<{ userId: Id }>('accounts.erase', {
    lane: 'bulk',
    maxAttempts: 20,
    run: ({ userId }, { signal }) => erase(userId, signal),
  })
  events.react(
    'accounts.state_changed',
    'accounts.erase',
    ({ subjectId, data }) => (data.state === 'deleted' ? { userId: subjectId } : null),
    { key: ({ subjectId }) => jobOf(subjectId) },
  )

  const allUnfinished = () =>
    eachPage<{ id: Id }>(batch, (last) =>
      database.main
        .selectFrom('users')
        .select('id')
        .where('state', '=', 'deleted')
        .where('erased_at', 'is', null)
        .where('id', '>', last?.id ?? '0')
        .orderBy('id')
        .limit(batch)
        .execute(),
    )

  return {
    whenErased: (room) => void rooms.push(room),
    erase,
    async resume(signal) {
      for await (const found of allUnfinished()) {
        signal.throwIfAborted()
        await jobs.enqueueMissing(
          found.map(({ id }) => ({
            name: 'accounts.erase',
            payload: { userId: id },
            options: { key: jobOf(id) },
          })),
        )
      }
    },
  }
}

/** In the person's bucket, by `user_id`. */
const ownTables = [
  'credentials',
  'sessions',
  'one_time_codes',
  'preferences',
  'invited',
  'known_devices',
  'address_notices',
  'email_changes',
  'factor_budgets',
  'totp_factors',
  'recovery_codes',
  'sign_in_challenges',
] as const

const nobody = {
  email: '',
  email_verified_at: null,
  pending_email: null,
  full_name: '',
  bio: '',
  is_verified: false,
  roles: [],
  time_zone: 'UTC',
  suspension_reason: null,
  suspended_until: null,
  suspended_rank: null,
  state_before: null,
} as const satisfies Parameters<typeof updateUser>[2]

/** Its room lets go of the files, and finds them by these. */
const noPicture = {
  avatar_media_id: null,
  avatar_key: null,
  avatar_status: 'none',
} as const satisfies Parameters<typeof updateUser>[2]

/** Claims lie where the hashes of what they claim put them. */
async function freeNames(tx: Tx, id: Id): Promise<void> {
  const user = await findUser(tx, id)
  const names = await listOldNames(tx, id, new Date(0))
  for (const username of [...names, ...(user ? [user.username] : [])])
    await tx
      .deleteFrom('username_claims')
      .where('bucket', '=', bucketOfName(username))
      .where('username', '=', username)
      .where('user_id', '=', id)
      .execute()
  const before = await listEmailChanges(tx, id)
  for (const email of [...before.map(({ old_email }) => old_email), ...(user ? [user.email] : [])])
    await releaseEmail(tx, email, id)
  for (const passkey of await listPasskeys(tx, id)) await deletePasskey(tx, id, passkey.id)
}
