import type { SignUpBody } from '@heliograph/contract/accounts'
import type { Insertable } from 'kysely'
import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import {
  cleanFullName,
  normalizeEmail,
  requireMaySignIn,
  requireStrongPassword,
  requireUsername,
} from './accounts-policy.ts'
import {
  claimUsername,
  findPasswordHash,
  findUser,
  findUsernameHolder,
  insertUser,
  savePasswordHash,
  type UserRow,
} from './accounts-repository.ts'
import type { UsersTable } from './accounts-tables.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import type { Client, Sessions, SignedInAs } from './sessions-service.ts'

type SignUpInput = z.output<typeof SignUpBody>

export interface SignUp {
  signUp(input: SignUpInput, client: Client, once: Once): Promise<SignedInAs>
  /** The same request again: the password is asked for anew and a fresh token given. */
  repeat(userId: Id, input: SignUpInput, client: Client): Promise<SignedInAs>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  sessions: Sessions
  codes: OneTimeCodes
}

export function createSignUp({ database, ids, events, clock, sessions, codes }: Deps): SignUp {
  async function createAccount(tx: Tx, user: NewUser, passwordHash: string): Promise<void> {
    const { id, bucket, username, created_at: now } = user
    if (!(await claimUsername(tx, { username, userId: id, now }))) throw fault('account.username_taken')
    await insertUser(tx, user)
    await savePasswordHash(tx, { userId: id, hash: passwordHash, now })
    await events.emit(tx, 'accounts.signed_up', { bucket, subjectId: id, data: { username } })
  }

  return {
    async signUp(input, client, once) {
      const username = requireUsername(input.username)
      const email = normalizeEmail(input.email)
      const now = new Date(clock.now())
      // Only to answer before the costly hash; the claim is what decides.
      if (await findUsernameHolder(database.main, username, now)) throw fault('account.username_taken')
      requireStrongPassword(input.password, { username, email })
      const passwordHash = await hashPassword(input.password)
      const id = ids.next(ids.randomBucket())
      const person = { username, email, fullName: cleanFullName(input.fullName ?? ''), client }
      return database.transaction(
        async (tx) => {
          const isOwner = input.ownerCode !== undefined
          if (input.ownerCode !== undefined) await codes.useOwnerCode(tx, input.ownerCode, id)
          await createAccount(tx, newUser(id, person, isOwner ? ['owner'] : [], now), passwordHash)
          await once.record(tx, id)
          return sessions.start(tx, id, client)
        },
        { by: id },
      )
    },

    async repeat(userId, input, client) {
      const hash = await findPasswordHash(database.main, userId)
      const isRight = await verifyPassword(hash, input.password)
      const user = await findUser(database.main, userId)
      if (!isRight || !user || !hash) throw fault('auth.wrong_credentials')
      requireMaySignIn(user.state, user)
      return sessions.startByPassword({ userId, hash }, client)
    },
  }
}

/** Settings are as the tables have them by default. */
type NewUser = Insertable<UsersTable> & Pick<UserRow, 'id' | 'bucket' | 'username' | 'created_at'>

interface Person {
  username: string
  email: string
  fullName: string
  client: Client
}

function newUser(id: Id, person: Person, roles: UserRow['roles'], now: Date): NewUser {
  return {
    bucket: bucketOf(id),
    id,
    username: person.username,
    email: person.email,
    email_verified_at: null,
    pending_email: null,
    full_name: person.fullName,
    bio: '',
    avatar_media_id: null,
    avatar_key: null,
    avatar_status: 'none',
    is_verified: false,
    is_private: false,
    state: 'active',
    sight_epoch: 0,
    roles,
    time_zone: 'UTC',
    language: person.client.language,
    theme: 'system',
    data_saver: false,
    feed_mode: 'ranked',
    personalisation: true,
    created_at: now,
    suspension_reason: null,
    suspended_until: null,
    state_before: null,
  }
}
