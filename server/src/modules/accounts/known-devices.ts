import { createHmac, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { untilShort } from '#platform/db/until-short.ts'
import { addressGroup } from '#platform/http/addresses.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { KnownPlace } from '#platform/http/rate-limits.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { Client } from './client.ts'
import { requireOpenSession } from './sessions-repository.ts'

/**
 * From where somebody signed in before. Whoever guesses passwords from elsewhere cannot lock these out, and a sign-in from
 * anywhere else is told to the owner. Kept are keyed marks for one account each: neither addresses, nor what would show
 * that two accounts share a browser.
 */
export interface KnownDevices {
  /** With `nobody` for a name that nobody has: the same work, and never known. */
  find(userId: Id, client: Client): Promise<KnownPlace | null>
  /** Notes where somebody is; true when they were never seen on this device, and were on others. */
  note(tx: Tx, userId: Id, client: Client): Promise<{ isNew: boolean; deviceToken: string | null }>
  /** Somebody who has a session is where they were let in: known from then on, at most one row for each browser. */
  see(viewer: Pick<Viewer, 'id' | 'sessionId'>, client: Client): Promise<void>
  /** What a browser with a session and without a token is to keep: the same one however often it asks. */
  introduce(viewer: Pick<Viewer, 'id' | 'sessionId'>, client: Client): Promise<string>
  /** Together with the sessions: only the place of the one that stays is still known. */
  forget(tx: Tx, userId: Id, kept: Client | null): Promise<void>
  deleteOld(): Promise<number>
}

/** An id that no account has. */
export const nobody: Id = '0'
/** How far the stored last use may lag behind. */
const noteStepMs = 24 * 60 * 60 * 1000
/** Not used for so long, a device is a stranger again. */
const keptMs = 180 * 24 * 60 * 60 * 1000

/** Of one thing, by each key that is believed. What is kept anew is kept by the first. */
interface Mark {
  now: Buffer
  before: Buffer[]
}

const everyForm = ({ now, before }: Mark) => [now, ...before]

interface DeviceRow {
  mark: Buffer
  last_at: Date
}

/** Those of these marks that the account has, and some other one where there is any: it tells whether there were devices at all. */
const devicesAmong = prepared(
  'known_devices_among',
  (db, p: { bucket: number; userId: Id; marks: Buffer[] }) => ({
    compile: () =>
      sql<DeviceRow>`
      select mark, last_at from known_devices
      where bucket = ${p.bucket} and user_id = ${p.userId} and mark = any(${p.marks}::bytea[])
      union all
      (select mark, last_at from known_devices where bucket = ${p.bucket} and user_id = ${p.userId} limit 1)
    `.compile(db),
  }),
)

interface Deps {
  database: Database
  clock: Clock
  /** Makes the marks. */
  deviceKeys: Keys
}

export function createKnownDevices({ database, clock, deviceKeys }: Deps): KnownDevices {
  const markOf = (kind: 'device' | 'app' | 'address', userId: Id, what: string): Mark => {
    const [now, ...before] = deviceKeys.map((key) =>
      createHmac('sha256', key).update(`${kind} ${userId} ${what}`).digest(),
    )
    return { now: now!, before }
  }

  /** A browser is known by its cookie; what keeps none by its name and network. */
  const deviceMark = (userId: Id, client: Client, token: string | null): Mark =>
    token === null
      ? markOf('app', userId, `${addressGroup(client.address)} ${client.userAgent}`)
      : markOf('device', userId, token)
  const addressMark = (userId: Id, client: Client): Mark =>
    markOf('address', userId, addressGroup(client.address))

  const rowsOf = (db: Db | Tx, userId: Id, marks: Mark[]) =>
    devicesAmong(db, { bucket: bucketOf(userId), userId, marks: marks.flatMap(everyForm) })
  const isAmong = (rows: DeviceRow[], mark: Mark) =>
    rows.some((row) => isKept(row) && everyForm(mark).some((form) => form.equals(row.mark)))

  async function read(db: Db | Tx, userId: Id, marks: Mark[]): Promise<boolean[]> {
    const rows = await rowsOf(db, userId, marks)
    return marks.map((mark) => isAmong(rows, mark))
  }

  const isKept = ({ last_at }: DeviceRow) => clock.now() - last_at.getTime() < keptMs
  /** To the day: a person who is here all the time costs a row once, and no write each time. */
  const isFresh = ({ last_at }: DeviceRow) => clock.now() - last_at.getTime() < noteStepMs

  const insert = (tx: Tx, userId: Id, marks: readonly Mark[], last_at: Date) =>
    tx
      .insertInto('known_devices')
      .values(marks.map(({ now: mark }) => ({ bucket: bucketOf(userId), user_id: userId, mark, last_at })))
      .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'mark']).doUpdateSet({ last_at }))
      .execute()

  const see: KnownDevices['see'] = async (viewer, client) => {
    const { device } = client
    const mark = deviceMark(viewer.id, client, device)
    const marks = device === null ? [mark, addressMark(viewer.id, client)] : [mark]
    const rows = await rowsOf(database.main, viewer.id, marks)
    // Whoever is here while the keys are changed is known by the new one when the old one goes.
    if (marks.every(({ now }) => isAmong(rows, { now, before: [] }))) return
    await database.transaction(async (tx) => {
      // A session that is just ended makes nothing known that was forgotten with it.
      await requireOpenSession(tx, viewer)
      await insert(tx, viewer.id, marks, new Date(clock.now()))
    })
  }

  return {
    see,

    async introduce(viewer, client) {
      const token = createHmac('sha256', deviceKeys[0])
        .update(`token ${viewer.id} ${viewer.sessionId}`)
        .digest('base64url')
      await see(viewer, { ...client, device: token })
      return token
    },

    async forget(tx, userId, kept) {
      const marks = kept ? [deviceMark(userId, kept, kept.device), addressMark(userId, kept)] : []
      // By this one nobody is known: it says that there were others, so that the next sign-in is told.
      const forgotten = markOf('device', userId, 'forgotten')
      await insert(tx, userId, [forgotten], new Date(clock.now()))
      await tx
        .deleteFrom('known_devices')
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .where('mark', 'not in', [forgotten, ...marks].flatMap(everyForm))
        .execute()
    },

    async find(userId, client) {
      // Without a cookie there is no more than the network: an app's name can be guessed.
      const cookieMark = markOf('device', userId, client.device ?? '')
      const [isDevice, isAddress] = await read(database.main, userId, [
        cookieMark,
        addressMark(userId, client),
      ])
      if (isDevice && client.device !== null)
        return { kind: 'device', mark: cookieMark.now.toString('base64url') }
      return isAddress ? { kind: 'address' } : null
    },

    async note(tx, userId, client) {
      const deviceToken = client.keepsCookies ? (client.device ?? newDeviceToken()) : null
      const marks = [deviceMark(userId, client, deviceToken), addressMark(userId, client)]
      const rows = await rowsOf(tx, userId, marks)
      const isDeviceKnown = isAmong(rows, marks[0]!)
      const stale = marks.filter(({ now }) => !rows.some((row) => row.mark.equals(now) && isFresh(row)))
      if (stale.length > 0) await insert(tx, userId, stale, new Date(clock.now()))
      return { isNew: !isDeviceKnown && rows.length > 0, deviceToken }
    },

    deleteOld: () => untilShort(1000, deleteOldest),
  }

  async function deleteOldest(limit: number): Promise<number> {
    const old = await database.main
      .selectFrom('known_devices')
      .select(['bucket', 'user_id', 'mark'])
      .where('last_at', '<=', new Date(clock.now() - keptMs))
      .orderBy('last_at')
      .limit(limit)
      .execute()
    for (const { bucket, user_id, mark } of old)
      await database.main
        .deleteFrom('known_devices')
        .where('bucket', '=', bucket)
        .where('user_id', '=', user_id)
        .where('mark', '=', mark)
        .execute()
    return old.length
  }
}

const tokenBytes = 32

function newDeviceToken(): string {
  return randomBytes(tokenBytes).toString('base64url')
}

/** Null for what cannot be one of ours. */
export function readDeviceToken(value: string | null): string | null {
  return value !== null && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null
}

/** Whoever is signed in already is where the owner is: a name that strangers hammer does not matter there. */
export function inSession({ sessionId }: { sessionId: Id }): KnownPlace {
  return { kind: 'device', mark: `session ${sessionId}` }
}
