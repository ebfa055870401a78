import type { Readable } from 'node:stream'
import type {
  EvidenceType,
  VerificationCase,
  VerificationItem,
  VerificationState,
} from '@heliograph/contract/verification'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import type { Actor, Named, RecordAct } from '#modules/audit'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { evidenceMs, requireMayDecide } from './verification-policy.ts'
import {
  countWaiting,
  findLastRequest,
  findRequest,
  insertRequest,
  listRequests,
  updateRequest,
} from './verification-repository.ts'
import type { RequestRow } from './verification-tables.ts'
import { presentCase, presentItem } from './verification-view.ts'

/** An account's, as somebody saw them. */
type Names = Pick<AccountRow, 'username' | 'fullName'>

/** What admins do. */
export interface Decisions {
  list(state: VerificationState, after: Id | null, limit: number): Promise<VerificationItem[]>
  countWaiting(): Promise<number>
  /** What was sent, but for the bytes; written into the log as those are. */
  look(actor: Named, id: Id): Promise<VerificationCase>
  /** Written into the log before a byte leaves. */
  openEvidence(actor: Named, id: Id, evidenceId: Id): Promise<{ type: EvidenceType; stream: Readable }>
  /** The same decision again changes nothing. `verification.changed`: it was made about another name. */
  decide(
    actor: Named,
    id: Id,
    given: { decision: 'grant' | 'refuse'; reason: string; seen: Names },
  ): Promise<VerificationItem>
  /** With or without a request. Left out, whatever the names are by now. */
  setVerified(actor: Actor, userId: Id, isVerified: boolean, reason: string, seen?: Names): Promise<void>
  /** In the transaction in which a changed name took the mark away. */
  noteLost(tx: Tx, user: Named): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  events: Events
  accounts: Pick<AccountsApi, 'findByIds' | 'lockSubject' | 'presentSummary' | 'setVerified'>
  media: Pick<MediaApi, 'evidence'>
  record: RecordAct
}

const states = { grant: 'granted', refuse: 'refused' } as const
const acts = {
  granted: 'account.verification_granted',
  refused: 'account.verification_refused',
  revoked: 'account.verification_revoked',
} as const

export function createDecisions(deps: Deps): Decisions {
  const { database, ids, clock, events, accounts, media, record } = deps

  async function present(rows: RequestRow[]): Promise<VerificationItem[]> {
    const people = await accounts.findByIds(rows.map((row) => row.user_id))
    return rows.flatMap((row) => {
      const account = people.get(row.user_id)
      return account ? [presentItem(row, accounts.presentSummary(account))] : []
    })
  }

  /** Request, mark, log and the word to the person: all of it or none. */
  async function settle(
    tx: Tx,
    { actor, account, row }: { actor: Actor; account: AccountRow; row: RequestRow },
    state: keyof typeof acts,
    reason: string,
  ): Promise<void> {
    const now = clock.now()
    // What was decided before keeps the day on which its evidence goes.
    const eraseAt = row.state === 'waiting' ? new Date(now + evidenceMs) : row.erase_at
    await updateRequest(tx, row.id, { state, reason, decided_at: new Date(now), erase_at: eraseAt })
    await accounts.setVerified(tx, account.id, state === 'granted')
    await record(tx, {
      actor,
      act: acts[state],
      subject: { id: account.id, username: account.username },
      note: reason,
      before: { isVerified: account.isVerified },
      after: { isVerified: state === 'granted', category: row.category },
    })
    const about = { bucket: row.bucket, subjectId: row.id }
    await events.emit(tx, 'verification.decided', { ...about, data: { userId: account.id, state } })
  }

  /** Roles, state and names of both stay as they are now until the transaction ends. */
  async function lock(tx: Tx, actor: Actor, userId: Id): Promise<AccountRow> {
    const actorId = typeof actor === 'string' ? null : actor.id
    const { account, roles, own } = await accounts.lockSubject(tx, actorId, userId)
    if (!account || account.state === 'deleted') throw fault('user.not_found')
    requireMayDecide(own, roles, { isSelf: actorId === userId })
    return account
  }

  async function lockRequest(tx: Tx, actor: Actor, id: Id) {
    const found = await findRequest(tx, id)
    if (!found) throw fault('verification.not_found')
    const account = await lock(tx, actor, found.user_id)
    return { account, row: (await findRequest(tx, id)) ?? found }
  }

  /** An admin looked at who carries these names: under others nobody has looked. */
  function requireSeen({ username, fullName }: AccountRow, seen: Names): void {
    if (username !== seen.username || fullName !== seen.fullName) throw fault('verification.changed')
  }

  /** Before anything is told. */
  const writeLook = (tx: Tx, actor: Named, { id, username }: AccountRow) =>
    record(tx, { actor, act: 'account.evidence_seen', subject: { id, username } })

  /** Where nobody asked there is a request of the server's own, so that the person can read what became of it. */
  async function unasked(tx: Tx, userId: Id): Promise<RequestRow> {
    const bucket = bucketOf(userId)
    const row: RequestRow = {
      bucket,
      id: ids.next(bucket),
      user_id: userId,
      category: 'other',
      full_name: '',
      known_as: '',
      links: [],
      evidence: [],
      state: 'withdrawn',
      reason: '',
      created_at: new Date(clock.now()),
      decided_at: null,
      erase_at: null,
    }
    await insertRequest(tx, { ...row, links: '[]', evidence: '[]' })
    return row
  }

  return {
    list: async (state, after, limit) => present(await listRequests(database.main, state, after, limit)),

    countWaiting: () => countWaiting(database.main),

    look: (actor, id) =>
      database.transaction(async (tx) => {
        const { account, row } = await lockRequest(tx, actor, id)
        await writeLook(tx, actor, account)
        return presentCase(row, accounts.presentSummary(account))
      }),

    async openEvidence(actor, id, evidenceId) {
      const file = await database.transaction(async (tx) => {
        const { account, row } = await lockRequest(tx, actor, id)
        const named = row.evidence.find((one) => one.id === evidenceId)
        if (named) await writeLook(tx, actor, account)
        return named
      })
      const stream = file && (await media.evidence.open(file.id))
      if (!stream) throw fault('verification.not_found')
      return { type: file.type, stream }
    },

    decide: (actor, id, { decision, reason, seen }) =>
      database.transaction(async (tx) => {
        const wanted = states[decision]
        const { account, row } = await lockRequest(tx, actor, id)
        if (row.state !== wanted) {
          if (row.state !== 'waiting') throw fault('verification.decided')
          requireSeen(account, seen)
          await settle(tx, { actor, account, row }, wanted, reason)
        }
        const now = (await findRequest(tx, id)) ?? row
        return presentItem(now, accounts.presentSummary({ ...account, isVerified: decision === 'grant' }))
      }),

    async setVerified(actor, userId, isVerified, reason, seen) {
      await database.transaction(async (tx) => {
        const account = await lock(tx, actor, userId)
        if (account.isVerified === isVerified) return
        if (isVerified && seen) requireSeen(account, seen)
        const last = await findLastRequest(tx, userId)
        const fits = last?.state === (isVerified ? 'waiting' : 'granted')
        const row = last && fits ? last : await unasked(tx, userId)
        await settle(tx, { actor, account, row }, isVerified ? 'granted' : 'revoked', reason)
      })
    },

    async noteLost(tx, user) {
      const last = await findLastRequest(tx, user.id)
      if (last?.state === 'granted')
        await updateRequest(tx, last.id, { state: 'lost', decided_at: new Date(clock.now()) })
      await record(tx, {
        actor: 'server',
        act: 'account.verification_revoked',
        subject: user,
        before: { isVerified: true },
        after: { isVerified: false, because: 'the name was changed' },
      })
    },
  }
}
