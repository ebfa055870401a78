// A process of scenario "feed" that likes a post for many people: as the server commits it, or one by one. No HTTP between.
import pg from 'pg'
import { createApp } from '../server/src/app.ts'
import { loadConfig } from '../server/src/config/config.ts'
import { readEnvironment } from '../server/src/config/env.ts'
import {
  createLikesCommit,
  type LikeResult,
  type LikeWrite,
} from '../server/src/modules/posts/likes/likes-commit.ts'
import { systemClock } from '../server/src/platform/clock/clock.ts'
import { createGroupCommit } from '../server/src/platform/db/group-commit.ts'
import { createIdSource } from '../server/src/platform/ids/id-source.ts'
import { bucketOf, type Id } from '../server/src/platform/ids/ids.ts'
import { createLog } from '../server/src/platform/telemetry/log.ts'
import { createPlainLikes, type PlainForm } from './feed-like-forms.ts'

export interface LikesWanted {
  form: 'ours' | PlainForm
  connections: number
  post: Id
  people: readonly Id[]
  inFlight: number
}

const config = loadConfig({ ...readEnvironment(), ROLES: 'web', PORT: '0' })
const clock = systemClock
const log = createLog(config.log)
const app = await createApp({ config, log, clock })
await app.events.startLive()
await app.coherence.start()
const ids = await createIdSource({ db: app.database.main, clock, log })

const commit = createLikesCommit({
  database: app.database,
  events: app.events,
  accounts: app.modules.accounts.api,
  graph: app.modules.graph.api,
  ids,
  clock,
  noteLikes: () => undefined,
})
const group = createGroupCommit<LikeWrite, LikeResult>({
  groupOf: ({ postId }) => bucketOf(postId),
  partOf: ({ postId }) => postId,
  keyOf: ({ postId, userId }) => `${postId} ${userId}`,
  commit,
})

function likeAsTheServer(postId: Id, userId: Id): Promise<unknown> {
  const [id, givenId] = [ids.next(bucketOf(postId)), ids.next(bucketOf(userId))]
  return group.submit({ kind: 'like', userId, postId, id, givenId, at: new Date(clock.now()) })
}

/** Kept to the end: what a connection has used is not told any more once it is closed. */
const pools = new Map<number, pg.Pool>()

function poolOf(connections: number): pg.Pool {
  const known = pools.get(connections)
  if (known) return known
  const pool = new pg.Pool({
    connectionString: config.database.url,
    max: connections,
    idleTimeoutMillis: 0,
  })
  pools.set(connections, pool)
  return pool
}

async function likeAll({ form, connections, post, people, inFlight }: LikesWanted): Promise<void> {
  const like = form === 'ours' ? likeAsTheServer : createPlainLikes(poolOf(connections))[form]
  let next = 0
  const work = async () => {
    while (next < people.length) await like(post, people[next++]!)
  }
  await Promise.all(Array.from({ length: inFlight }, work))
}

async function stop(): Promise<void> {
  for (const pool of pools.values()) await pool.end()
  await ids.close()
  await app.stop()
  process.disconnect()
}

process.on('message', (message: { type: string } & LikesWanted) => {
  if (message.type === 'like')
    likeAll(message).then(
      () => process.send?.({ type: 'liked' }),
      (error: unknown) => process.send?.({ type: 'fault', sentence: String(error) }),
    )
  if (message.type === 'stop') void stop()
})
process.send?.({ type: 'ready', url: '' })
