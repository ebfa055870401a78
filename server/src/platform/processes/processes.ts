import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { ProcessRole } from '#config/config.ts'
import type { Database } from '#platform/db/db.ts'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import type { Log } from '#platform/telemetry/log.ts'

/** Who else works on this database. */
export interface Processes {
  /** Throws `ProcessesError` when others are there that this one shares nothing with but the database. */
  enter(): Promise<void>
  /** All that live, this one among them. */
  list(): Promise<ProcessListing[]>
  leave(): Promise<void>
}

export interface ProcessListing {
  roles: string
  host: string
  startedAt: Date
}

/** For the operator. */
export class ProcessesError extends Error {
  override readonly name = 'ProcessesError'
}

export interface ProcessesOptions {
  database: Database
  log: Log
  roles: readonly ProcessRole[]
  /** It has Redis to share with others. */
  isShared: boolean
}

interface Row {
  holder: string
  roles: string
  host: string
  is_shared: boolean
  lease_until: Date
  started_at: Date
}

const lease = sql.lit('6 seconds')
const leaseUntil = sql<Date>`now() + interval ${lease}`
const renewMs = 2000
const lookMs = 200

export function createProcesses({ database, log, roles, isShared }: ProcessesOptions): Processes {
  const holder = createHolder()
  let timer: NodeJS.Timeout | undefined

  const enroll = () =>
    database.main
      .insertInto('processes')
      .values({
        bucket: 0,
        holder,
        roles: roles.join(' and '),
        host: hostname(),
        is_shared: isShared,
        started_at: sql<Date>`now()`,
        lease_until: leaseUntil,
      })
      .onConflict((conflict) => conflict.columns(['bucket', 'holder']).doNothing())
      .execute()

  const renew = async () => {
    const row = await database.main
      .updateTable('processes')
      .set({ lease_until: leaseUntil })
      .where('bucket', '=', 0)
      .where('holder', '=', holder)
      .returning('holder')
      .executeTakeFirst()
    if (!row) await enroll()
  }

  const leave = async () => {
    clearInterval(timer)
    endHolder(holder)
    await database.main
      .deleteFrom('processes')
      .where('bucket', '=', 0)
      .where('holder', '=', holder)
      .execute()
      .catch(() => undefined)
  }

  return {
    leave,
    async enter() {
      await forgetDead(database)
      await enroll()
      timer = setInterval(() => {
        renew().catch((error) => log.debug({ err: error }, 'This process could not say that it lives'))
      }, renewMs)
      timer.unref()
      const stranger = await findStranger(database, holder, isShared)
      if (!stranger) return
      await leave()
      throw new ProcessesError(sentenceAbout(stranger, isShared))
    },
    async list() {
      const rows = await listLive(database)
      return rows.map(({ roles, host, started_at: startedAt }) => ({ roles, host, startedAt }))
    },
  }
}

/**
 * One that was there before us and that we cannot share with. What was just killed elsewhere still has its lease: whoever
 * lives renews it within two seconds, and who does not is gone when it ends.
 */
async function findStranger(database: Database, holder: string, isShared: boolean): Promise<Row | undefined> {
  const firstSeen = new Map<string, number>()
  for (;;) {
    const rows = await listLive(database)
    const place = rows.findIndex((row) => row.holder === holder)
    const before = place < 0 ? rows : rows.slice(0, place)
    const strangers = before.filter((row) => !(isShared && row.is_shared))
    if (strangers.length === 0) return undefined
    for (const row of strangers) {
      const until = row.lease_until.getTime()
      if (until > (firstSeen.get(row.holder) ?? until)) return row
      firstSeen.set(row.holder, until)
    }
    await sleep(lookMs)
  }
}

/** The oldest first: of two that start at once the same one is refused by both. */
async function listLive(database: Database): Promise<Row[]> {
  const rows = await database.main
    .selectFrom('processes')
    .select(['holder', 'roles', 'host', 'is_shared', 'lease_until', 'started_at'])
    .where('bucket', '=', 0)
    .where('lease_until', '>=', sql<Date>`now()`)
    .orderBy('started_at')
    .orderBy('holder')
    .execute()
  return rows.filter((row) => !isHolderDead(row.holder))
}

async function forgetDead(database: Database): Promise<void> {
  const rows = await database.main
    .selectFrom('processes')
    .select(['holder', sql<boolean>`lease_until < now() - interval '1 day'`.as('isOld')])
    .where('bucket', '=', 0)
    .execute()
  const dead = rows.filter(({ holder, isOld }) => isOld || isHolderDead(holder)).map(({ holder }) => holder)
  if (dead.length === 0) return
  await database.main.deleteFrom('processes').where('bucket', '=', 0).where('holder', 'in', dead).execute()
}

function sentenceAbout({ roles, host }: Row, isShared: boolean): string {
  const other = `Another Heliograph process (${roles}, on ${host}) is at work on this database`
  return isShared
    ? `${other}, and it was started without REDIS_URL. Several processes need the same Redis: start that one again with REDIS_URL.`
    : `${other}. Several processes need Redis to share what they know: give all of them the same REDIS_URL, for example REDIS_URL=redis://10.0.0.5:6379. Or stop the other one.`
}
