import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { findPasswordHash, findUser, lockPasswordHash } from './accounts-repository.ts'
import { verifyPassword } from './passwords.ts'
import { saveProof } from './sessions-repository.ts'

/** What is sensitive asks who is at the device, since a session lasts and a device is left lying about. */
export interface Proofs {
  byPassword(viewer: Viewer, password: string, address: string): Promise<void>
  /** Whoever holds the session has shown who they are, in whatever way. */
  note(tx: Tx, viewer: Viewer): Promise<void>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  signInLimit: RateLimits['failedSignIn']
}

export function createProofs({ database, events, clock, signInLimit }: Deps): Proofs {
  const note: Proofs['note'] = async (tx, { id, sessionId }) => {
    await saveProof(tx, sessionId, new Date(clock.now()))
    await events.emit(tx, 'accounts.proved', { bucket: bucketOf(id), subjectId: id, data: { sessionId } })
  }

  return {
    note,

    async byPassword(viewer, password, address) {
      const user = await findUser(database.main, viewer.id)
      if (!user) throw fault('auth.required')
      const attempt = await signInLimit.begin(address, user.username)
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, password))) throw fault('auth.wrong_credentials')
      await attempt.succeeded()
      await database.transaction(
        async (tx) => {
          // Changed meanwhile, the password that was shown proves nothing more.
          if ((await lockPasswordHash(tx, user.id)) !== hash) throw fault('auth.wrong_credentials')
          await note(tx, viewer)
        },
        { by: user.id },
      )
    },
  }
}
