import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endpoints, shapes } from '@heliograph/contract'
import type { Config } from '#config/config.ts'
import { accountsTakesSight, createAccounts } from '#modules/accounts'
import { createAdmin } from '#modules/admin'
import { createAuditLog } from '#modules/audit'
import { createCapabilities } from '#modules/capabilities'
import { createPersonalExports } from '#modules/exports'
import { createFeed } from '#modules/feed'
import { createGraph, createRelations, graphTakesSight } from '#modules/graph'
import {
  createEdges,
  createMedia,
  createMediaAddresses,
  createMediaPool,
  createRevocations,
  createVideos,
  findDecoderAccount,
  storiesFolder,
} from '#modules/media'
import { createMessages } from '#modules/messages'
import { createModeration, createScreening } from '#modules/moderation'
import { createNotifications } from '#modules/notifications'
import { createPlaces } from '#modules/places'
import { createPosts, postsTakesSight } from '#modules/posts'
import { createPostFeatures } from '#modules/ranking'
import { createSignals } from '#modules/signals'
import { createStories, storiesTakesSight } from '#modules/stories'
import { createVerification } from '#modules/verification'
import { createRoutedStore } from '#platform/blobs/routed-store.ts'
import { createStoreHomes } from '#platform/blobs/store-homes.ts'
import { copyPlacesOf, createStores } from '#platform/blobs/stores.ts'
import { createLocalCache } from '#platform/cache/cache.ts'
import { createRedisCache } from '#platform/cache/redis-cache.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { createCoherence } from '#platform/coherence/coherence.ts'
import { createDatabase } from '#platform/db/db.ts'
import { migrate } from '#platform/db/migrate.ts'
import { ensurePartitions } from '#platform/db/partitions.ts'
import { createEvents } from '#platform/events/events.ts'
import { mountApiDocs } from '#platform/http/api-docs.ts'
import { createHttp } from '#platform/http/http.ts'
import { createIdempotency } from '#platform/http/idempotency.ts'
import { createOutbound } from '#platform/http/outbound.ts'
import { createSharedCounters } from '#platform/http/shared-counter.ts'
import type { SheddingOptions } from '#platform/http/shedding.ts'
import { createIdSource } from '#platform/ids/id-source.ts'
import { createJobs } from '#platform/jobs/jobs.ts'
import { createBus } from '#platform/live/create-bus.ts'
import { createLive } from '#platform/live/live.ts'
import { createLiveCounters } from '#platform/live/live-metrics.ts'
import { mountLive } from '#platform/live/live-routes.ts'
import { createLocalLocks } from '#platform/locks/locks.ts'
import { createSharedLocks } from '#platform/locks/shared-locks.ts'
import { createMailer, deleteKeptMails, mailsKeptMs } from '#platform/mail/mail.ts'
import { createProcesses } from '#platform/processes/processes.ts'
import { openRedis } from '#platform/redis/open-redis.ts'
import { watchRedis } from '#platform/redis/watch-redis.ts'
import { loadSecrets, requireSameSecrets } from '#platform/secrets/secrets.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { watchPlatform } from '#platform/telemetry/platform-metrics.ts'
import { registerHealth } from './app-health.ts'
import { serveWebPages } from './web-pages.ts'

export interface AppOptions {
  config: Config
  log: Log
  clock?: Clock
  /** Tests: compare every answer with the contract. */
  checkAnswers?: boolean
  /** Default: what a server process that does nothing else can bear. */
  shedding?: SheddingOptions
}

export type App = Awaited<ReturnType<typeof createApp>>

const migrations = fileURLToPath(new URL('../migrations', import.meta.url))
const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** Where one process has its cache to itself: some 16 MB at most. */
const localCache = { maxEntries: 100_000, maxUnits: 8 * 1024 * 1024 }

/** The whole server, read from top to bottom: a thing can use only what stands above it. */
export async function createApp({
  config,
  log,
  clock = systemClock,
  checkAnswers = false,
  shedding = {},
}: AppOptions) {
  // Platform
  const secrets = await loadSecrets(config.data.folder)
  const metrics = createMetrics()
  const stores = await createStores({
    config: config.storage,
    folder: config.data.folder,
    reserveBytes: config.data.reserveBytes,
    metrics,
    clock,
    log,
  })
  await stores.check()
  const database = createDatabase(config.database, log)
  await migrate(database, migrations)
  const storeHomes = createStoreHomes({ database, clock, stores })
  await storeHomes.check()
  await ensurePartitions(database.main, clock)
  const ids = await createIdSource({ db: database.main, clock, log })
  const redis = config.redis && (await openRedis(config.redis, log))
  const bus = await createBus({ redis, secrets, log })
  const cache = redis ? createRedisCache({ redis, metrics, log }) : createLocalCache(localCache)
  const locks = redis ? createSharedLocks({ database, bus, log }) : createLocalLocks()
  const processes = createProcesses({ database, log, roles: config.roles, isShared: redis !== null })
  const jobs = createJobs({ url: config.database.url, log, concurrency: { fresh: availableParallelism() } })
  await jobs.prepare()
  const takesSight = { ...accountsTakesSight, ...graphTakesSight, ...postsTakesSight, ...storiesTakesSight }
  const events = createEvents({ database, ids, clock, jobs, bus: redis ? bus : null, log, takesSight })
  const idempotency = createIdempotency({ database, clock, jobs, secrets })
  const http = await createHttp({
    config: config.http,
    secrets,
    log,
    metrics,
    idempotency,
    clock,
    checkAnswers,
    shedding,
    createCounter: redis ? createSharedCounters(redis) : undefined,
  })
  const coherence = createCoherence({ database, events, bus, clock, metrics, log })
  const hub = createLive({ counters: createLiveCounters(metrics), clock })
  events.onUnheard(hub.missed)
  const outbound = createOutbound(config.outbound)
  const mailFolder = join(config.data.folder, 'mail')
  const mailer = createMailer({ ...config.mail, folder: mailFolder, log })
  const platform = {
    database,
    ids,
    events,
    jobs,
    bus,
    cache,
    locks,
    coherence,
    clock,
    log,
    metrics,
    hub,
    mailer,
  }

  // Modules
  const addresses = createMediaAddresses({ keys: secrets.keys('media'), clock })
  const revocations = createRevocations({ ids, clock })
  const relations = createRelations(platform)
  const auditLog = createAuditLog(platform)
  const accounts = createAccounts({
    ...platform,
    relations,
    signAvatar: addresses.avatar,
    revokeSight: revocations.epoch,
    signInLimit: http.limits.failedSignIn,
    deviceKeys: secrets.keys('devices'),
    factorKeys: { totp: secrets.keys('totp'), passkeys: secrets.keys('passkeys') },
    publicUrl: config.http.publicUrl,
    requireVerifiedEmail: config.accounts.requireVerifiedEmail,
    doors: config.accounts,
    settings: config.accounts,
    record: auditLog.record,
  })
  const graph = createGraph({ ...platform, accounts: accounts.api, relations })
  const places = createPlaces({ log })
  const screening = createScreening({ ...platform, settings: config.moderation })
  const account = await findDecoderAccount(config.data.folder, log)
  const pool = createMediaPool({ size: availableParallelism(), log, limits: { account } })
  const videos = createVideos(config.video, log, { account })
  const media = await createMedia({
    ...platform,
    blobs: createRoutedStore(stores.media, { folder: storiesFolder, store: stores.stories }),
    reserveBytes: config.data.reserveBytes,
    quotaBytes: config.accounts.quotaBytes,
    tierAges: config.storage.tiers,
    copyPlaces: copyPlacesOf(stores, { folder: storiesFolder }),
    pool,
    videos,
    addresses,
    revocations,
    accounts: accounts.api,
    places: places.api,
    screening: screening.pictures,
    folder: config.data.folder,
  })
  const edges = createEdges({
    ...platform,
    urls: config.media.edgeUrls,
    key: secrets.key('edges'),
    revocations,
  })
  const postFeatures = createPostFeatures(platform)
  const signals = createSignals({
    ...platform,
    accounts: accounts.api,
    graph: graph.api,
    features: postFeatures,
    memoryBytes: config.signals.memoryBytes,
  })
  const feed = createFeed({
    ...platform,
    accounts: accounts.api,
    graph: graph.api,
    tastes: signals.api,
    features: postFeatures,
    likelyToOpen: signals.api.likelyToOpen,
    memoryBytes: config.feed.memoryBytes,
  })
  const posts = createPosts({
    ...platform,
    publicUrl: config.http.publicUrl,
    accounts: accounts.api,
    graph: graph.api,
    media: media.api,
    outboxes: feed.outboxes,
    screening: screening.posts,
  })
  const stories = createStories({
    ...platform,
    accounts: accounts.api,
    graph: graph.api,
    media: media.api,
    posts: posts.api,
    screening: screening.stories,
    tastes: signals.api,
  })
  const messages = createMessages({
    ...platform,
    accounts: accounts.api,
    graph: graph.api,
    media: media.api,
    posts: posts.api,
    stories: stories.api,
  })
  const moderation = createModeration({
    ...platform,
    accounts: accounts.api,
    media: media.api,
    posts: posts.api,
    messages: messages.api.moderation,
    stories: stories.api,
    screening,
  })
  const verification = createVerification({
    ...platform,
    accounts: accounts.api,
    media: media.api,
    record: auditLog.record,
    publicUrl: config.http.publicUrl,
  })
  const admin = createAdmin({
    ...platform,
    processes,
    auditLog,
    accounts: accounts.api,
    door: config.accounts,
    media: media.api,
    moderation: moderation.api,
    verification: verification.api,
  })

  const notifications = createNotifications({
    ...platform,
    accounts: accounts.api,
    graph: graph.api,
    posts: posts.api,
    media: media.api,
    stories: stories.api,
    messages: messages.api,
    outbound,
    pushSecrets: secrets.keys('push'),
    publicUrl: config.http.publicUrl,
  })

  const exports = createPersonalExports({
    ...platform,
    accounts: accounts.api,
    media: media.api,
    store: stores.exports,
    scratch: stores.scratch,
    signingKeys: secrets.keys('exports'),
    partBytes: config.exports.partBytes,
    publicUrl: config.http.publicUrl,
  })

  // Routes; a process that only works answers for its health alone.
  const [serves, works] = [config.roles.includes('web'), config.roles.includes('worker')]
  if (serves) {
    accounts.routes(http)
    graph.routes(http)
    places.routes(http)
    media.routes(http)
    createCapabilities({ media: media.api }).routes(http)
    posts.routes(http)
    feed.routes(http, posts.api)
    signals.routes(http, posts.api)
    stories.routes(http)
    messages.routes(http)
    moderation.routes(http)
    admin.routes(http)
    verification.routes(http)
    notifications.routes(http)
    exports.routes(http)
    mountLive(http, hub)
    mountApiDocs(http, { title: 'Heliograph', version: '1', endpoints, shapes })
    await serveWebPages(http, { folder: webFolder, previewTags: posts.api.previewTags })
  }

  // Upkeep of the platform itself; modules define their own.
  jobs.every(
    'platform.partitions',
    '10 3 * * *',
    async () => void (await ensurePartitions(database.main, clock)),
  )
  jobs.every(
    'platform.tidy_mails',
    '15 3 * * *',
    async () => void (await deleteKeptMails(mailFolder, new Date(clock.now() - mailsKeptMs))),
  )
  jobs.every('platform.tidy_stores', '20 3 * * *', () => stores.tidy(), { lane: 'bulk' })
  watchPlatform({ metrics, database, jobs })
  if (redis) watchRedis({ redis, bus, health: http.health, metrics })
  registerHealth(http.health, { ...platform, processes, stores, edges, copies: media.api.storage.copies })

  return {
    config,
    secrets,
    processes,
    http,
    database,
    events,
    coherence,
    jobs,
    stores,
    storeHomes,
    modules: {
      accounts,
      graph,
      media,
      posts,
      feed,
      signals,
      stories,
      moderation,
      admin,
      verification,
      notifications,
      exports,
    },
    edges,

    /** Recovers what a crash left, then works and takes requests; resolves with the port. */
    async start(): Promise<number> {
      await processes.enter()
      await requireSameSecrets(config.data.folder, secrets)
      await media.recover()
      await events.startLive()
      await coherence.start()
      if (works) {
        await events.startRelay()
        await jobs.startRunners()
      }
      edges.start()
      const port = await http.listen()
      await storeHomes.note()
      http.setReady()
      return port
    },

    /** Web first, then worker: what is under way ends, what waits stays in its table. */
    async stop(): Promise<void> {
      hub.close()
      await http.close()
      await edges.stop()
      await jobs.stop()
      await media.close()
      await pool.close()
      await videos.close()
      await coherence.close()
      await events.close()
      idempotency.close()
      await ids.close()
      await processes.leave()
      await mailer.close()
      await bus.close()
      await redis?.close()
      stores.close()
      await database.close()
    },
  }
}
