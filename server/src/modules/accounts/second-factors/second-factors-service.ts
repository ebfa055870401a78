import { limits } from '@heliograph/contract/limits'
import type {
  Passkey,
  PasskeyAttestation,
  PasskeyCreation,
  PasskeyRequest,
  SecondFactors as State,
} from '@heliograph/contract/second-factors'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Db, type Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, isId } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import { requireBudget } from '../account-budgets.ts'
import { findUser, lockPasswordHash } from '../accounts-repository.ts'
import type { KnownDevices } from '../known-devices.ts'
import { requireOpenSession } from '../sessions-repository.ts'
import type { Sessions } from '../sessions-service.ts'
import type { FactorProofs } from './factor-proofs.ts'
import {
  confirmTotp,
  countRecoveryCodes,
  deleteRecoveryCodes,
  deleteTotp,
  findFactors,
  findTotp,
  replaceRecoveryCodes,
  saveUnconfirmedTotp,
} from './factors-repository.ts'
import type { FactorChange } from './factors-tables.ts'
import {
  challengeIn,
  checkAttestation,
  describeCreation,
  describeRequest,
  type Site,
} from './passkey-answers.ts'
import type { PasskeyChallenges } from './passkey-challenges.ts'
import {
  deletePasskey,
  insertPasskey,
  listPasskeys,
  type PasskeyRow,
  renamePasskey,
} from './passkeys-repository.ts'
import { createRecoveryCodes, createSalt, hashRecoveryCode } from './recovery-codes.ts'
import type { SealedSecrets } from './sealed-secrets.ts'
import { createTotpSecret, describeTotp } from './totp-codes.ts'

/** What a person does about their own; and the operator, for somebody who lost everything. */
export interface SecondFactors {
  list(userId: Id): Promise<State>
  /** Null when there is no passkey to show. */
  beginProof(viewer: Viewer, site: Site): Promise<PasskeyRequest | null>
  beginPasskey(viewer: Viewer, site: Site): Promise<PasskeyCreation>
  addPasskey(
    viewer: Viewer,
    added: { passkey: PasskeyAttestation; name: string },
    site: Site,
  ): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }>
  renamePasskey(userId: Id, id: Id, name: string): Promise<Passkey>
  removePasskey(viewer: Viewer, id: Id): Promise<void>
  beginTotp(viewer: Viewer): Promise<{ secret: string; uri: string }>
  confirmTotp(viewer: Viewer, code: string): Promise<string[] | null>
  removeTotp(viewer: Viewer): Promise<void>
  renewRecoveryCodes(viewer: Viewer): Promise<string[]>
  /** Everything is gone, all sessions end: a password alone opens the account again. */
  reset(userId: Id, within?: Tx): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  hub: Pick<LiveHub, 'closeAccount'>
  sessions: Pick<Sessions, 'endAll'>
  devices: Pick<KnownDevices, 'forget'>
  proofs: FactorProofs
  challenges: PasskeyChallenges
  sealed: SealedSecrets
  publicUrl: string
}

export function createSecondFactors(deps: Deps): SecondFactors {
  const { database, ids, events, clock, hub, sessions, devices, proofs, challenges, sealed, publicUrl } = deps
  const now = () => new Date(clock.now())

  /**
   * One after the other, and never beside a sign-in: both take the lock of the account's credentials. A session that was
   * ended meanwhile changes nothing any more.
   */
  function change<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return database.transaction(
      async (tx) => {
        await lockPasswordHash(tx, viewer.id)
        await requireOpenSession(tx, viewer)
        return work(tx)
      },
      { by: viewer.id },
    )
  }

  async function announce(tx: Tx, userId: Id, what: FactorChange): Promise<void> {
    const about = { bucket: bucketOf(userId), subjectId: userId }
    await events.emit(tx, 'accounts.second_factor_changed', { ...about, data: { change: what } })
  }

  const hasNone = async (db: Db | Tx, userId: Id) => {
    const { totp, passkey } = await findFactors(db, userId)
    return !totp && !passkey
  }

  /** Ten costly hashes: no more sets an hour than a person needs. */
  async function makeCodes(db: Db | Tx, userId: Id): Promise<PreparedCodes> {
    await requireBudget(db, userId, 'recovery_codes', now())
    return prepareCodes()
  }

  /** Before the lock is taken, as hashing takes a while; null where there is a factor, which has its codes. */
  const codesIfFirst = async (userId: Id) =>
    (await hasNone(database.main, userId)) ? makeCodes(database.main, userId) : null

  /** The other factor may have gone meanwhile: then these are made under the lock. */
  async function saveFirstCodes(tx: Tx, userId: Id, made: PreparedCodes | null): Promise<string[]> {
    const codes = made ?? (await makeCodes(tx, userId))
    await replaceRecoveryCodes(tx, userId, { ...codes, madeAt: now() })
    return codes.shown
  }

  /** Nobody is left with codes for a step that is not asked for. */
  async function endCodesOfLast(tx: Tx, userId: Id): Promise<void> {
    if (await hasNone(tx, userId)) await deleteRecoveryCodes(tx, userId)
  }

  return {
    async list(userId) {
      const [totp, passkeys, recoveryCodesLeft] = await Promise.all([
        findTotp(database.main, userId),
        listPasskeys(database.main, userId),
        countRecoveryCodes(database.main, userId),
      ])
      return {
        totpSince: totp?.confirmed_at?.toISOString() ?? null,
        passkeys: passkeys.map(presentPasskey),
        recoveryCodesLeft,
      }
    },

    async beginProof({ id, sessionId }, site) {
      const among = await listPasskeys(database.main, id)
      if (among.length === 0) return null
      const challenge = challenges.create({ for: 'proof', sessionId })
      return { ...describeRequest(challenge, site, among), userVerification: 'required' }
    },

    async beginPasskey({ id, sessionId }, site) {
      const user = await findUser(database.main, id)
      if (!user) throw fault('auth.required')
      const existing = await listPasskeys(database.main, id)
      if (existing.length >= limits.passkeysPerAccount) throw fault('passkey.too_many')
      const challenge = challenges.create({ for: 'adding', sessionId })
      return describeCreation(user, { challenge, site, existing })
    },

    async addPasskey(viewer, { passkey, name }, site) {
      const { id: userId, sessionId } = viewer
      const isOpen = (challenge: string) => challenges.isOpen(challenge, { for: 'adding', sessionId })
      const checked = await checkAttestation(passkey, { site, isOpen })
      if (!checked) throw fault('passkey.refused')
      const codes = await codesIfFirst(userId)
      const bucket = bucketOf(userId)
      const row: PasskeyRow = {
        ...checked,
        bucket,
        user_id: userId,
        id: ids.next(bucket),
        name: name.trim(),
        created_at: now(),
        last_used_at: null,
      }
      return change(viewer, async (tx) => {
        if (!(await challenges.use(tx, challengeIn(passkey.clientDataJSON)))) throw fault('passkey.refused')
        if ((await listPasskeys(tx, userId)).length >= limits.passkeysPerAccount)
          throw fault('passkey.too_many')
        await requireBudget(tx, userId, 'factors_added', now())
        const isFirst = await hasNone(tx, userId)
        if (!(await insertPasskey(tx, row))) throw fault('passkey.refused')
        const recoveryCodes = isFirst ? await saveFirstCodes(tx, userId, codes) : null
        await announce(tx, userId, 'passkey_added')
        return { passkey: presentPasskey(row), recoveryCodes }
      })
    },

    async renamePasskey(userId, id, name) {
      const renamed = isId(id) ? await renamePasskey(database.main, userId, id, name.trim()) : undefined
      if (!renamed) throw fault('passkey.not_found')
      return presentPasskey(renamed)
    },

    removePasskey: (viewer, id) =>
      change(viewer, async (tx) => {
        const userId = viewer.id
        if (!isId(id) || !(await deletePasskey(tx, userId, id))) throw fault('passkey.not_found')
        await endCodesOfLast(tx, userId)
        await announce(tx, userId, 'passkey_removed')
      }),

    async beginTotp(viewer) {
      const userId = viewer.id
      const user = await findUser(database.main, userId)
      if (!user) throw fault('auth.required')
      const secret = createTotpSecret()
      await change(viewer, async (tx) => {
        if ((await findTotp(tx, userId))?.confirmed_at) throw fault('totp.on')
        await saveUnconfirmedTotp(tx, userId, sealed.seal(userId, secret), now())
      })
      return describeTotp(secret, { issuer: new URL(publicUrl).host, label: user.username })
    },

    async confirmTotp(viewer, code) {
      const userId = viewer.id
      const shown = await proofs.firstTotp(userId, code)
      if (!shown) throw fault('totp.wrong_code')
      const codes = await codesIfFirst(userId)
      return change(viewer, async (tx) => {
        await requireBudget(tx, userId, 'factors_added', now())
        const isFirst = await hasNone(tx, userId)
        if (!(await confirmTotp(tx, shown.begun, shown.step, now()))) throw fault('totp.not_begun')
        const recoveryCodes = isFirst ? await saveFirstCodes(tx, userId, codes) : null
        await announce(tx, userId, 'totp_on')
        return recoveryCodes
      })
    },

    removeTotp: (viewer) =>
      change(viewer, async (tx) => {
        const userId = viewer.id
        if (!(await deleteTotp(tx, userId))) return
        await endCodesOfLast(tx, userId)
        await announce(tx, userId, 'totp_off')
      }),

    async renewRecoveryCodes(viewer) {
      const userId = viewer.id
      if (await hasNone(database.main, userId)) throw fault('second_factor.off')
      const codes = await makeCodes(database.main, userId)
      await change(viewer, async (tx) => {
        if (await hasNone(tx, userId)) throw fault('second_factor.off')
        await replaceRecoveryCodes(tx, userId, { ...codes, madeAt: now() })
        await announce(tx, userId, 'recovery_codes_made')
      })
      return codes.shown
    },

    async reset(userId, within) {
      async function work(tx: Tx): Promise<void> {
        afterCommit(tx, () => hub.closeAccount(userId))
        await lockPasswordHash(tx, userId)
        await deleteTotp(tx, userId)
        for (const { id } of await listPasskeys(tx, userId)) await deletePasskey(tx, userId, id)
        await deleteRecoveryCodes(tx, userId)
        await sessions.endAll(tx, userId, null)
        await devices.forget(tx, userId, null)
        await announce(tx, userId, 'reset')
      }
      await (within ? work(within) : database.transaction(work, { by: userId }))
    },
  }
}

interface PreparedCodes {
  shown: string[]
  hashes: Buffer[]
  salt: Buffer
}

/** Before the transaction that may want them: hashing takes a while. */
async function prepareCodes(): Promise<PreparedCodes> {
  const [shown, salt] = [createRecoveryCodes(), createSalt()]
  return { shown, salt, hashes: await Promise.all(shown.map((code) => hashRecoveryCode(code, salt))) }
}

function presentPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    synced: row.is_synced,
  }
}
