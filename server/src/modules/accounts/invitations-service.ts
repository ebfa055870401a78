import { createHash, randomBytes } from 'node:crypto'
import type { Role } from '@heliograph/contract/accounts'
import type { SignUpMode } from '@heliograph/contract/admin'
import { cleanLine } from '@heliograph/contract/clean-text'
import type { Selectable } from 'kysely'
import type { Actor, RecordAct } from '#modules/audit'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { untilShort } from '#platform/db/until-short.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, isId } from '#platform/ids/ids.ts'
import { findUser, findUsers, lockPasswordHash, type UserRow } from './accounts-repository.ts'
import type { InvitationsTable } from './accounts-tables.ts'

export type InvitationRow = Selectable<InvitationsTable>

/** Who lets people in, as the settings say. */
export interface Doors {
  signUp: SignUpMode
  /** Years; 0: nobody is asked. */
  minimumAge: number
  /** Who may invite: those with a role, or everybody. */
  invitations: 'roles' | 'everyone'
}

export interface NewInvitationInput {
  maxUses: number
  days: number
  note: string
}

export interface Invitations {
  mayInvite(person: { roles: readonly Role[] }): boolean
  /**
   * By null: the operator, who may invite to a closed server too. The code is told once. With a role it opens a server for many,
   * past those who wait to be let in: throws `auth.proof_needed` like letting them in does.
   */
  create(
    by: Pick<Viewer, 'id' | 'roles' | 'rolesRest' | 'hasProof'> | null,
    input: NewInvitationInput,
  ): Promise<{ row: InvitationRow; code: string; link: string }>
  list(by: Id | null, before: Id | null, limit: number): Promise<InvitationRow[]>
  withdraw(by: Id | null, id: Id): Promise<void>
  /** Those of everybody that are open, also such as do not count at present; for who looks after the server. */
  listAll(before: Id | null, limit: number): Promise<AnyInvitation[]>
  /** Whoever made it; written down as an act about them. `allow` is asked in the same transaction. */
  withdrawAny(actor: Actor, id: Id, allow?: (tx: Tx) => Promise<void>): Promise<void>
  /**
   * In the transaction of the sign-up; throws `account.invitation_invalid`. It counts while its maker may still invite,
   * with the role and under the settings of now: a role taken away closes what it opened.
   */
  use(tx: Tx, code: string, userId: Id): Promise<void>
  deleteExpired(): Promise<number>
}

export interface AnyInvitation {
  row: InvitationRow
  /** Username; null: the operator. */
  by: string | null
  /** Its maker may still invite. */
  counts: boolean
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  record: RecordAct
  doors: Doors
  publicUrl: string
}

const dayMs = 24 * 60 * 60 * 1000
/** Open ones of a person without a role; with one nobody counts them. */
const openInvitations = 10

export function createInvitations({ database, ids, clock, record, doors, publicUrl }: Deps): Invitations {
  const now = () => new Date(clock.now())
  const homeOf = (by: Id | null) => (by === null ? 0 : bucketOf(by))

  const mayInvite: Invitations['mayInvite'] = ({ roles }) =>
    doors.signUp !== 'closed' && (roles.length > 0 || doors.invitations === 'everyone')

  const open = (db: Db | Tx, before: Id | null, limit: number) =>
    db
      .selectFrom('invitations')
      .selectAll()
      .where('expires_at', '>', now())
      .where((where) => where('used', '<', where.ref('max_uses')))
      .$if(before !== null, (query) => query.where('id', '<', before))
      .orderBy('id', 'desc')
      .limit(limit)

  const listOpen = (db: Db | Tx, by: Id | null, before: Id | null, limit: number) =>
    open(db, before, limit)
      .where('bucket', '=', homeOf(by))
      .where('created_by', by === null ? 'is' : '=', by)
      .execute()

  const countsOf = (maker: UserRow | undefined) => maker?.state === 'active' && mayInvite(maker)

  async function note(
    tx: Tx,
    act: 'invitation.created' | 'invitation.withdrawn',
    by: Id | null,
    row: InvitationRow,
  ) {
    const user = by === null ? undefined : await findUser(tx, by)
    const actor = user ? { id: user.id, username: user.username } : ('operator' as const)
    const told = factsOf(row)
    await record(tx, {
      actor,
      act,
      subject: null,
      ...(act === 'invitation.created' ? { after: told } : { before: told }),
    })
  }

  return {
    mayInvite,
    list: (by, before, limit) => listOpen(database.main, by, before, limit),

    async create(by, { maxUses, days, note: words }) {
      if (by !== null && !mayInvite(by)) throw fault(by.rolesRest ? 'auth.roles_rest' : 'auth.forbidden')
      const isPlain = by !== null && by.roles.length === 0
      if (by !== null && !isPlain && !by.hasProof) throw fault('auth.proof_needed')
      const bucket = homeOf(by?.id ?? null)
      const id = ids.next(bucket)
      const code = `${id}.${randomBytes(16).toString('base64url')}`
      const row: InvitationRow = {
        bucket,
        id,
        created_by: by?.id ?? null,
        code_hash: hashOf(code),
        note: cleanLine(words),
        // A plain person brings one friend at a time; a link for many is for those who answer for the place.
        max_uses: isPlain ? 1 : maxUses,
        used: 0,
        expires_at: new Date(clock.now() + days * dayMs),
        created_at: now(),
      }
      await database.transaction(async (tx) => {
        if (isPlain) {
          // Many may be made at once: each waits for the one before, so that none is counted past.
          await lockPasswordHash(tx, by.id)
          if ((await listOpen(tx, by.id, null, openInvitations)).length >= openInvitations)
            throw fault('invitation.too_many')
        }
        await tx.insertInto('invitations').values(row).execute()
        if (!isPlain) await note(tx, 'invitation.created', row.created_by, row)
      })
      return { row, code, link: `${publicUrl}/signup#invitation=${code}` }
    },

    async withdraw(by, id) {
      if (!isId(id) || bucketOf(id) !== homeOf(by)) throw fault('invitation.not_found')
      await database.transaction(async (tx) => {
        const row = await tx
          .deleteFrom('invitations')
          .where('bucket', '=', homeOf(by))
          .where('id', '=', id)
          .where('created_by', by === null ? 'is' : '=', by)
          .returningAll()
          .executeTakeFirst()
        if (!row) throw fault('invitation.not_found')
        const user = by === null ? undefined : await findUser(tx, by)
        if (by === null || (user && user.roles.length > 0)) await note(tx, 'invitation.withdrawn', by, row)
      })
    },

    async listAll(before, limit) {
      const rows = await open(database.main, before, limit).execute()
      const makers = await findUsers(
        database.main,
        rows.flatMap(({ created_by }) => created_by ?? []),
      )
      return rows.map((row) => {
        const maker = makers.find(({ id }) => id === row.created_by)
        const isOperators = row.created_by === null
        return { row, by: maker?.username ?? null, counts: isOperators || countsOf(maker) }
      })
    },

    async withdrawAny(actor, id, allow) {
      if (!isId(id)) throw fault('invitation.not_found')
      await database.transaction(async (tx) => {
        await allow?.(tx)
        const row = await tx
          .deleteFrom('invitations')
          .where('bucket', '=', bucketOf(id))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        if (!row) throw fault('invitation.not_found')
        const maker = row.created_by === null ? undefined : await findUser(tx, row.created_by)
        await record(tx, {
          actor,
          act: 'invitation.withdrawn',
          subject: maker ? { id: maker.id, username: maker.username } : null,
          before: factsOf(row),
        })
      })
    },

    async use(tx, code, userId) {
      const id = code.split('.')[0]
      if (!isId(id)) throw fault('account.invitation_invalid')
      const used = await tx
        .updateTable('invitations')
        .set((to) => ({ used: to('used', '+', 1) }))
        .where('bucket', '=', bucketOf(id))
        .where('id', '=', id)
        .where('code_hash', '=', hashOf(code))
        .where('expires_at', '>', now())
        .where((where) => where('used', '<', where.ref('max_uses')))
        .returning('created_by')
        .executeTakeFirst()
      if (!used) throw fault('account.invitation_invalid')
      if (used.created_by !== null && !countsOf(await findUser(tx, used.created_by)))
        throw fault('account.invitation_invalid')
      await tx
        .insertInto('invited')
        .values({ bucket: bucketOf(userId), user_id: userId, invitation_id: id, invited_by: used.created_by })
        .execute()
    },

    deleteExpired: () => untilShort(500, deleteOldest),
  }

  async function deleteOldest(limit: number): Promise<number> {
    const expired = await database.main
      .selectFrom('invitations')
      .select(['bucket', 'id'])
      .where('expires_at', '<=', now())
      .orderBy('expires_at')
      .limit(limit)
      .execute()
    for (const { bucket, id } of expired)
      await database.main
        .deleteFrom('invitations')
        .where('bucket', '=', bucket)
        .where('id', '=', id)
        .execute()
    return expired.length
  }
}

function factsOf(row: InvitationRow) {
  return { invitation: row.id, maxUses: row.max_uses, until: row.expires_at.toISOString() }
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
