import type { Role } from '@heliograph/contract/accounts'
import { type Selectable, sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findUser, prefixPattern, toAccount } from './accounts-repository.ts'
import type { AccountState, UsersTable } from './accounts-tables.ts'
import type { AccountRow } from './accounts-types.ts'

export interface DirectoryFilter {
  state?: AccountState | undefined
  role?: Role | undefined
  /** Of the username or the full name. */
  prefix?: string | undefined
}

/** What those who run the server see of an account in their list: no address, no setting. */
export interface DirectoryRow {
  account: AccountRow
  roles: readonly Role[]
  isEmailVerified: boolean
}

export interface DirectoryFacts extends DirectoryRow {
  followerCount: number
  followingCount: number
  postCount: number
  sessionCount: number
}

/** For those who run the server. */
export interface Directory {
  /** Newest first; with a prefix by username. `position` is what the page before ended with. */
  list(
    filter: DirectoryFilter,
    position: readonly string[] | null,
    limit: number,
  ): Promise<{ rows: DirectoryRow[]; nextPosition: readonly string[] | null }>
  find(id: Id): Promise<DirectoryFacts | undefined>
  counts(newSince: Date): Promise<Record<AccountState, number> & { total: number; fresh: number }>
  /** Who wants to be let in. */
  countWaiting(): Promise<number>
  /** Who looks at it is written down by the caller. */
  emailOf(tx: Tx, id: Id): Promise<{ email: string; isVerified: boolean } | undefined>
  /** Inside a transaction that whoever changes owners waits for. */
  countOwners(tx: Tx): Promise<number>
}

export function createDirectory({ database }: { database: Database }): Directory {
  const { main } = database
  return {
    async list({ state, role, prefix }, position, limit) {
      const last = position?.[0] ?? null
      const isByName = prefix !== undefined && prefix !== ''
      const pattern = prefixPattern(prefix ?? '')
      const found = await main
        .selectFrom('users')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'active'))
        .$if(role !== undefined, (query) =>
          query.where('roles', '<>', sql<never>`'{}'`).where(sql<boolean>`${role ?? ''} = any(roles)`),
        )
        .$if(isByName, (query) =>
          query
            .where((where) =>
              where.or([
                where('username', 'like', pattern),
                where(where.fn<string>('lower', ['full_name']), 'like', pattern),
              ]),
            )
            .$if(last !== null, (more) => more.where('username', '>', last ?? ''))
            .orderBy('username'),
        )
        .$if(!isByName, (query) =>
          query.$if(last !== null, (more) => more.where('id', '<', last ?? '')).orderBy('id', 'desc'),
        )
        .limit(limit + 1)
        .execute()
      const users = found.slice(0, limit)
      const end = found.length > limit ? users.at(-1) : undefined
      return { rows: users.map(toRow), nextPosition: end ? [isByName ? end.username : end.id] : null }
    },

    async find(id) {
      const user = await findUser(main, id)
      if (!user) return undefined
      const here = { bucket: bucketOf(id), id }
      const [counts, sessions] = await Promise.all([
        main
          .selectFrom('user_counts')
          .select(['follower_count', 'following_count', 'post_count'])
          .where('bucket', '=', here.bucket)
          .where('user_id', '=', id)
          .executeTakeFirst(),
        main
          .selectFrom('sessions')
          .select((count) => count.fn.countAll<string>().as('count'))
          .where('bucket', '=', here.bucket)
          .where('user_id', '=', id)
          .executeTakeFirstOrThrow(),
      ])
      return {
        ...toRow(user),
        followerCount: counts?.follower_count ?? 0,
        followingCount: counts?.following_count ?? 0,
        postCount: counts?.post_count ?? 0,
        sessionCount: Number(sessions.count),
      }
    },

    async counts(newSince) {
      const { rows } = await sql<{ state: AccountState; total: string; fresh: string }>`
        select state, count(*) as total, count(*) filter (where created_at >= ${newSince}) as fresh
        from users group by state
      `.execute(main)
      const of = (state: AccountState) => Number(rows.find((row) => row.state === state)?.total ?? 0)
      const sum = (name: 'total' | 'fresh') => rows.reduce((all, row) => all + Number(row[name]), 0)
      return {
        waiting: of('waiting'),
        active: of('active'),
        deactivated: of('deactivated'),
        suspended: of('suspended'),
        deleted: of('deleted'),
        total: sum('total'),
        fresh: sum('fresh'),
      }
    },

    async countWaiting() {
      const { count } = await main
        .selectFrom('users')
        .select((users) => users.fn.countAll<string>().as('count'))
        .where('state', '=', 'waiting')
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async emailOf(tx, id) {
      const user = await findUser(tx, id)
      return user && { email: user.email, isVerified: user.email_verified_at !== null }
    },

    async countOwners(tx) {
      const { rows } = await sql<{ count: string }>`
        select count(*) as count from users where roles <> '{}' and 'owner' = any(roles) and state = 'active'
      `.execute(tx)
      return Number(rows[0]?.count ?? 0)
    },
  }
}

function toRow(user: Selectable<UsersTable>): DirectoryRow {
  return { account: toAccount(user), roles: user.roles, isEmailVerified: user.email_verified_at !== null }
}
