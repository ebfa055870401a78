import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Secrets } from '#platform/secrets/secrets.ts'
import { canonical } from './cursors.ts'
import { fault } from './fault.ts'

/** What a key was sent with. */
export interface KeyedRequest {
  /** Null where there is no account yet: sign-up and sign-in. */
  accountId: Id | null
  route: string
  key: string
  /** Everything that makes it this request and no other. */
  content: unknown
}

/** This process is the one that creates. */
export interface Attempt {
  /** In the creating transaction: fails, and so undoes it, when another process has taken over. */
  record(tx: Tx, createdId: Id): Promise<void>
  /** Nothing was created: the key is free again. */
  release(): Promise<void>
}

export interface Idempotency {
  /** An attempt, or the id that an earlier request created. */
  begin(request: KeyedRequest): Promise<{ attempt: Attempt } | { createdId: Id }>
  /** What is still running may be taken over. */
  close(): void
}

export interface IdempotencyOptions {
  database: Database
  clock: Clock
  jobs: Pick<Jobs, 'every'>
  /** Bodies hold passwords: a plain hash of them could be guessed from. */
  secrets: Secrets
  /** How long a second request waits for the first. */
  patienceMs?: number
}

/** Of a process that we cannot see: transactions end after 30 s, so whoever began a minute ago is gone. */
const abandonedAfterMs = 60_000
const keptMs = 24 * 60 * 60 * 1000
const pollMs = 100

interface Row {
  request_hash: Buffer
  attempt: string
  state: 'running' | 'done'
  created_id: Id | null
  created_at: Date
}

interface Place {
  bucket: number
  accountId: Id
  route: string
  key: string
}

export function createIdempotency(options: IdempotencyOptions): Idempotency {
  const { database, clock, jobs, patienceMs = 5000 } = options
  const keys = options.secrets.keys('idempotency')
  /** The one that is kept, and those that a request of before a change of keys has left. */
  const hashesOf = (content: unknown) => {
    const text = canonical(content)
    return keys.map((key) => createHmac('sha256', key).update(text).digest())
  }
  const holder = createHolder()
  /** Ended here while the database was away, so that their rows still say `running`. */
  const unreleased = new LRUCache<string, true>({ max: 10_000 })

  /** Taking over is always safe, as `record` fails for whoever was overtaken: this only says when it is worth it. */
  function isAbandoned({ attempt, created_at: createdAt }: Row): boolean {
    const isDead = isHolderDead(attempt.split(' ')[0]!)
    return isDead || unreleased.has(attempt) || clock.now() - createdAt.getTime() >= abandonedAfterMs
  }

  async function tryToTake(place: Place, hashes: Buffer[]): Promise<string | Row | null> {
    const attempt = `${holder} ${randomUUID()}`
    if (await insertRow(database, place, hashes[0]!, attempt, new Date(clock.now()))) return attempt
    const row = await findRow(database, place)
    if (row === undefined) return null
    if (!hashes.some((hash) => hash.equals(row.request_hash))) throw fault('idempotency.mismatch')
    if (row.state === 'done' || !isAbandoned(row)) return row
    return (await takeOver(database, place, row.attempt, attempt, new Date(clock.now()))) ? attempt : null
  }

  jobs.every('idempotency.purge', '23 * * * *', async () => {
    await database.main
      .deleteFrom('idempotency_keys')
      .where('created_at', '<', new Date(clock.now() - keptMs))
      .execute()
  })

  return {
    close: () => endHolder(holder),
    async begin(request) {
      const place = placeOf(request)
      const hashes = hashesOf(request.content)
      const deadline = performance.now() + patienceMs
      for (;;) {
        const taken = await tryToTake(place, hashes)
        if (typeof taken === 'string')
          return { attempt: createAttempt(database, place, taken, () => unreleased.set(taken, true)) }
        if (taken?.state === 'done' && taken.created_id !== null) return { createdId: taken.created_id }
        if (performance.now() > deadline)
          throw fault('idempotency.in_progress', { headers: { 'retry-after': '1' } })
        await sleep(pollMs)
      }
    },
  }
}

function placeOf({ accountId, route, key }: KeyedRequest): Place {
  return accountId === null
    ? { bucket: bucketOfName(key), accountId: '0', route, key }
    : { bucket: bucketOf(accountId), accountId, route, key }
}

async function insertRow(database: Database, place: Place, hash: Buffer, attempt: string, at: Date) {
  const result = await database.main
    .insertInto('idempotency_keys')
    .values({
      bucket: place.bucket,
      account_id: place.accountId,
      route: place.route,
      key: place.key,
      request_hash: hash,
      attempt,
      state: 'running',
      created_id: null,
      created_at: at,
    })
    .onConflict((conflict) => conflict.columns(['bucket', 'account_id', 'route', 'key']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) === 1
}

function findRow(database: Database, place: Place): Promise<Row | undefined> {
  return database.main
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'attempt', 'state', 'created_id', 'created_at'])
    .where('bucket', '=', place.bucket)
    .where('account_id', '=', place.accountId)
    .where('route', '=', place.route)
    .where('key', '=', place.key)
    .executeTakeFirst()
}

async function takeOver(database: Database, place: Place, from: string, to: string, at: Date) {
  const result = await running(database.main, place, from)
    .set({ attempt: to, created_at: at })
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

function running(db: Database['main'] | Tx, place: Place, attempt: string) {
  return db
    .updateTable('idempotency_keys')
    .where('bucket', '=', place.bucket)
    .where('account_id', '=', place.accountId)
    .where('route', '=', place.route)
    .where('key', '=', place.key)
    .where('attempt', '=', attempt)
    .where('state', '=', 'running')
}

function createAttempt(database: Database, place: Place, attempt: string, onUnreleased: () => void): Attempt {
  return {
    async record(tx, createdId) {
      const result = await running(tx, place, attempt)
        .set({ state: 'done', created_id: createdId })
        .executeTakeFirst()
      if (Number(result.numUpdatedRows) !== 1)
        throw fault('idempotency.in_progress', { headers: { 'retry-after': '1' } })
    },
    async release() {
      try {
        await database.main
          .deleteFrom('idempotency_keys')
          .where('bucket', '=', place.bucket)
          .where('account_id', '=', place.accountId)
          .where('route', '=', place.route)
          .where('key', '=', place.key)
          .where('attempt', '=', attempt)
          .where('state', '=', 'running')
          .execute()
      } catch {
        // What was to be answered stands, whether or not the key can be freed just now.
        onUnreleased()
      }
    },
  }
}
