import type { SignUpBody } from '@heliograph/contract/accounts'
import { cleanLine } from '@heliograph/contract/clean-text'
import type { Insertable } from 'kysely'
import type { z } from 'zod'
import type { Named, RecordAct } from '#modules/audit'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import {
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
import type { Client } from './client.ts'
import type { Doors, Invitations } from './invitations-service.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { PasswordSignIn } from './password-sign-in.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import type { Sessions, SignedInAs } from './sessions-service.ts'
import { admit } from './sign-up-doors.ts'

type SignUpInput = z.output<typeof SignUpBody>

export interface SignUp {
  /** Null: the account is made and waits to be let in. */
  signUp(input: SignUpInput, client: Client, once: Once): Promise<SignedInAs | null>
  /** The same request again: the password is asked for anew and a fresh token given. */
  repeat(userId: Id, input: SignUpInput, client: Client): Promise<SignedInAs | null>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  sessions: Pick<Sessions, 'start'>
  passwordSignIn: Pick<PasswordSignIn, 'startByPassword'>
  codes: OneTimeCodes
  invitations: Pick<Invitations, 'use'>
  doors: Doors
  record: RecordAct
}

export function createSignUp(deps: Deps): SignUp {
  const { database, ids, events, clock, sessions, passwordSignIn, codes, invitations, doors, record } = deps

  async function createAccount(tx: Tx, user: NewUser, passwordHash: string): Promise<void> {
    const { id, bucket, username, created_at: now } = user
    if (!(await claimUsername(tx, { username, userId: id, now }))) throw fault('account.username_taken')
    await insertUser(tx, user)
    await savePasswordHash(tx, { userId: id, hash: passwordHash, now })
    await events.emit(tx, 'accounts.signed_up', { bucket, subjectId: id, data: { username } })
  }

  /** The most powerful act there is, by whoever has the link. */
  const recordOwner = (tx: Tx, owner: Named) =>
    record(tx, {
      actor: owner,
      act: 'account.roles_changed',
      subject: owner,
      before: { roles: [] },
      after: { roles: ['owner'] },
    })

  return {
    async signUp(input, client, once) {
      const username = requireUsername(input.username)
      const email = normalizeEmail(input.email)
      const now = new Date(clock.now())
      const state = admit(doors, input, now)
      // Only to answer before the costly hash; the claim is what decides.
      if (await findUsernameHolder(database.main, username, now)) throw fault('account.username_taken')
      requireStrongPassword(input.password, { username, email })
      const passwordHash = await hashPassword(input.password)
      const id = ids.next(ids.randomBucket())
      const person = { username, email, fullName: cleanLine(input.fullName ?? ''), client }
      return database.transaction(
        async (tx) => {
          const { ownerCode, invitation } = input
          if (ownerCode !== undefined) await codes.useOwnerCode(tx, ownerCode, id)
          else if (invitation !== undefined) await invitations.use(tx, invitation, id)
          const roles: UserRow['roles'] = ownerCode === undefined ? [] : ['owner']
          await createAccount(tx, { ...newUser(id, person, now), roles, state }, passwordHash)
          if (ownerCode !== undefined) await recordOwner(tx, { id, username })
          await once.record(tx, id)
          return state === 'waiting' ? null : sessions.start(tx, { id, delete_at: null }, client)
        },
        { by: id },
      )
    },

    async repeat(userId, input, client) {
      const hash = await findPasswordHash(database.main, userId)
      const isRight = await verifyPassword(hash, input.password)
      const user = await findUser(database.main, userId)
      if (!isRight || !user || !hash) throw fault('auth.wrong_credentials')
      if (user.state === 'waiting') return null
      requireMaySignIn(user.state, user)
      return passwordSignIn.startByPassword({ user, hash }, client)
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

function newUser(id: Id, person: Person, now: Date): NewUser {
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
    roles: [],
    time_zone: 'UTC',
    language: person.client.language,
    theme: 'system',
    data_saver: false,
    feed_mode: 'ranked',
    personalisation: true,
    created_at: now,
    suspension_reason: null,
    suspended_until: null,
    suspended_rank: null,
    state_before: null,
  }
}
