import type {
  AdminAccount,
  AdminAccountItem,
  AdminAct,
  AdminOverview,
  AdminWaiting,
  LogLine,
} from '@heliograph/contract/admin'
import { rankOf, roleRanks } from '@heliograph/contract/roles'
import type { AccountsApi, DirectoryFilter, DirectoryRow } from '#modules/accounts'
import type { AuditLog } from '#modules/audit'
import type { MediaApi } from '#modules/media'
import type { ModerationLog, Queue } from '#modules/moderation'
import type { Clock } from '#platform/clock/clock.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Processes } from '#platform/processes/processes.ts'
import { powersOver } from './admin-policy.ts'

type Reader = Pick<Viewer, 'id' | 'roles'>
type Position = readonly string[] | null

export interface LogWish {
  kind?: LogLine['kind'] | undefined
  subjectId?: Id | undefined
  actorId?: Id | undefined
}

export interface AdminReads {
  overview(reader: Reader): Promise<AdminOverview>
  /** Cheap enough to be asked for with every page. */
  waiting(reader: Pick<Viewer, 'roles'>): Promise<AdminWaiting>
  list(
    filter: DirectoryFilter,
    position: Position,
    limit: number,
  ): Promise<{ items: AdminAccountItem[]; nextPosition: Position }>
  account(reader: Reader, id: Id): Promise<AdminAccount>
  /** Both logs as one, newest first. */
  log(
    reader: Pick<Viewer, 'roles'>,
    wish: LogWish,
    position: Position,
    limit: number,
  ): Promise<{ items: LogLine[]; nextPosition: Position }>
}

/** That room asks this one who may decide: what is asked of it is named here. */
export interface VerificationQueue {
  countWaiting(): Promise<number>
}

interface Deps {
  accounts: AccountsApi
  media: Pick<MediaApi, 'quotas'>
  moderation: { queue: Pick<Queue, 'countWaiting'>; log: Pick<ModerationLog, 'list'> }
  verification: VerificationQueue
  auditLog: Pick<AuditLog, 'list'>
  jobs: Pick<Jobs, 'depth'>
  processes: Pick<Processes, 'list'>
  clock: Clock
}

const freshMs = 7 * 24 * 60 * 60 * 1000
/** Acts that moderators have themselves; of the others they need not know. */
const ofModerators: readonly AdminAct[] = ['account.suspended', 'account.unsuspended']

export function createAdminReads(deps: Deps): AdminReads {
  const { accounts, media, moderation, verification, auditLog, jobs, processes, clock } = deps
  const isAdmin = ({ roles }: Pick<Viewer, 'roles'>) => rankOf(roles) >= roleRanks.indexOf('admin')

  return {
    async overview(reader) {
      const reportsWaiting = await moderation.queue.countWaiting()
      if (!isAdmin(reader))
        return {
          reportsWaiting,
          ...{ verificationsWaiting: null, accounts: null, storage: null, jobs: null, processes: null },
        }
      const [verificationsWaiting, counts, usedBytes, lanes, there] = await Promise.all([
        verification.countWaiting(),
        accounts.directory.counts(new Date(clock.now() - freshMs)),
        media.quotas.total(),
        jobs.depth(),
        processes.list(),
      ])
      const { total, active, suspended, waiting, fresh } = counts
      return {
        reportsWaiting,
        verificationsWaiting,
        accounts: { total, active, suspended, waiting, fresh },
        storage: { usedBytes },
        jobs: {
          waiting: lanes.reduce((sum, lane) => sum + lane.waiting, 0),
          failed: lanes.reduce((sum, lane) => sum + lane.failed, 0),
        },
        processes: there.map(({ roles, host }) => ({ roles, host })),
      }
    },

    async waiting(reader) {
      const forAdmins = isAdmin(reader)
      const [reports, verifications, signUps] = await Promise.all([
        moderation.queue.countWaiting(),
        forAdmins ? verification.countWaiting() : null,
        forAdmins ? accounts.directory.countWaiting() : null,
      ])
      return { reports, verifications, signUps }
    },

    async list(filter, position, limit) {
      const { rows, nextPosition } = await accounts.directory.list(filter, position, limit)
      return { items: rows.map((row) => presentItem(accounts, row)), nextPosition }
    },

    async account(reader, id) {
      const facts = await accounts.directory.find(id)
      if (!facts) throw fault('user.not_found')
      const [suspension, storage, deleteAt] = await Promise.all([
        accounts.suspensionOf(id),
        media.quotas.of(id),
        accounts.leaving.leavingAt(id),
      ])
      const { followerCount, followingCount, postCount, sessionCount } = facts
      return {
        ...presentItem(accounts, facts),
        emailVerified: facts.isEmailVerified,
        followerCount,
        followingCount,
        postCount,
        suspension: suspension && {
          reason: suspension.reason,
          until: suspension.until?.toISOString() ?? null,
        },
        deleteAt: deleteAt?.toISOString() ?? null,
        sessionCount: isAdmin(reader) ? sessionCount : null,
        storage: isAdmin(reader) ? storage : null,
        powers: powersOver(reader.roles, facts.roles, {
          isSelf: reader.id === id,
          state: facts.account.state,
          isLeaving: deleteAt !== null,
          suspension,
        }),
      }
    },

    async log(reader, { kind, subjectId, actorId }, position, limit) {
      const before = position?.[0] ?? null
      const acts = isAdmin(reader) ? undefined : ofModerators
      const [done, decided] = await Promise.all([
        kind === 'decision' ? [] : auditLog.list(before, limit + 1, { acts, subjectId, actorId }),
        kind === 'act' ? [] : moderation.log.list(before, limit + 1, { authorId: subjectId, actorId }),
      ])
      const lines: LogLine[] = [
        ...done.map((line) => ({ kind: 'act' as const, ...line })),
        ...decided.map((line) => ({ kind: 'decision' as const, ...line })),
      ]
      // Ids of both come from one source and rise with time.
      lines.sort((one, other) => compareIds(other.id, one.id))
      const items = lines.slice(0, limit)
      return { items, nextPosition: lines.length > limit ? [items.at(-1)!.id] : null }
    },
  }
}

function presentItem(accounts: AccountsApi, { account, roles }: DirectoryRow): AdminAccountItem {
  return {
    ...accounts.presentSummary(account),
    state: account.state,
    roles: [...roles],
    isPrivate: account.isPrivate,
    createdAt: account.createdAt.toISOString(),
  }
}
