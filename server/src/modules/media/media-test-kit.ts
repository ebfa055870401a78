import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Me } from '@heliograph/contract/accounts'
import type { Selectable } from 'kysely'
import type { ModerationConfig } from '#config/config.ts'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import { createScreening } from '#modules/moderation'
import { createPlaces } from '#modules/places'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import { createFolderStore } from '#platform/blobs/folder-store.ts'
import { createReplicatedStore } from '#platform/blobs/replicated-store.ts'
import { createRoutedStore } from '#platform/blobs/routed-store.ts'
import { createTieredFolders } from '#platform/blobs/tiered-folders.ts'
import { createTestClock, type TestClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { createEvents, type EventKind } from '#platform/events/events.ts'
import { createTestHttp } from '#platform/http/test-http.ts'
import { createIdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { createJobs } from '#platform/jobs/jobs.ts'
import { createLocalBus } from '#platform/live/bus.ts'
import { createLocalLocks } from '#platform/locks/locks.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createMediaAddresses } from './delivery/media-addresses.ts'
import { createRevocations } from './delivery/media-revocations.ts'
import { createMedia, type Media } from './media.ts'
import { storiesFolder } from './media-keys.ts'
import type { MediaRow, MediaTable, UploadRow } from './media-tables.ts'
import { createMediaPool, type MediaPool } from './rendering/media-pool.ts'
import { createQuiet, type Quiet } from './rendering/media-quiet.ts'
import { createVideos, type VideoConfig, type Videos } from './rendering/media-videos.ts'
import type { TierAges } from './storage/media-tier-rules.ts'

// The media module on a real database, a real store and real decoding processes; accounts are told by hand,
// so that each test says exactly how people stand.

export interface Person {
  id: Id
  token: string
  account: AccountRow & { shownAvatars: string[] }
}

export interface KitOptions {
  /** Stands before the store: where tests let things go wrong. */
  wrapBlobs?: (store: BlobStore) => BlobStore
  wrapPool?: (pool: MediaPool) => MediaPool
  wrapVideos?: (videos: Videos) => Videos
  wrapDatabase?: (database: Database) => Database
  /** Off otherwise: what is in the pictures is another test's business. */
  moderation?: Partial<ModerationConfig>
  /** For each person; none by default. */
  quotaBytes?: number | null
  /** With a copy in a second region, and before it where tests let things go wrong. */
  wrapReplica?: (store: BlobStore) => BlobStore
  /** With a cold folder beside the store. */
  tierAges?: TierAges
  video?: Partial<VideoConfig>
  quiet?: Quiet
  reserveBytes?: number
}

export type MediaKit = Awaited<ReturnType<typeof createMediaKit>>

export async function createMediaKit(options: KitOptions = {}) {
  const testDatabase = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-media-'))
  return await startMedia(
    { testDatabase, folder, clock: createTestClock(Date.now()), people: new Map() },
    options,
  )
}

interface World {
  testDatabase: TestDatabase
  folder: string
  clock: TestClock
  people: Map<Id, Person>
}

async function startMedia(
  world: World,
  {
    wrapBlobs = (s) => s,
    wrapPool = (p) => p,
    wrapDatabase = (d) => d,
    wrapVideos = (v) => v,
    video = {},
    quotaBytes = null,
    moderation = {},
    wrapReplica,
    tierAges = { warmDays: null, coldDays: null },
    quiet = createQuiet(),
    reserveBytes = 0,
  }: KitOptions,
) {
  const { testDatabase, folder, clock, people } = world
  const log = createLog({ level: 'silent' })
  const database = createDatabase({ url: testDatabase.url, poolSize: 5 }, log)
  const ids = await createIdSource({ db: database.main, clock, log })
  const jobs = createJobs({ url: testDatabase.url, log })
  const events = createEvents({ database, ids, clock, jobs, log })
  const stories = createFolderStore({ name: 'stories', folder: join(folder, 'stories') })
  const hot = createRoutedStore(createFolderStore({ name: 'media', folder: join(folder, 'media') }), {
    folder: storiesFolder,
    store: stories,
  })
  const cold = createFolderStore({ name: 'media', folder: join(folder, 'cold') })
  const scratch = join(folder, 'carried')
  const isTiered = tierAges.coldDays !== null
  const store = isTiered ? createTieredFolders({ name: 'media', hot, cold, scratch }) : hot
  const copy = wrapReplica?.(createFolderStore({ name: 'copy', folder: join(folder, 'copy') })) ?? null
  const primary = wrapBlobs(store)
  const blobs = copy ? createReplicatedStore({ name: 'media', primary, replica: copy, clock }) : primary
  const realPool = createMediaPool({ size: 1, log })
  const videos = createVideos(
    { engine: 'bundled', searchPath: '', maxSeconds: 60, maxBytes: 50e6, ...video },
    log,
  )
  const addresses = createMediaAddresses({ keys: [Buffer.alloc(32, 7)], clock })
  const revocations = createRevocations({ ids, clock })
  const metrics = createMetrics()
  const accounts = accountsOf(people)
  const screening = createScreening({
    ...{ database, ids, events, clock, log, metrics },
    settings: {
      ...{ enabled: false, pictureThreshold: 0.7, words: null, unscored: 'publish', wordsFile: '' },
      ...moderation,
    },
  })
  const media: Media = await createMedia({
    database: wrapDatabase(database),
    ids,
    events,
    jobs,
    clock,
    log,
    metrics,
    bus: createLocalBus(assert.ifError),
    locks: createLocalLocks(),
    blobs,
    pool: wrapPool(realPool),
    videos: wrapVideos(videos),
    addresses,
    revocations,
    accounts,
    places: createPlaces({ log }).api,
    screening: screening.pictures,
    folder,
    reserveBytes,
    quotaBytes,
    tierAges,
    quiet,
    copyPlaces: copy && { primary, replica: copy, scratch },
  })
  const http = await createTestHttp()
  http.setAuthenticator(async (request) => {
    const token = request.headers.authorization?.replace('Bearer ', '')
    const person = [...people.values()].find((one) => one.token === token)
    return person ? { id: person.id, sessionId: person.id, roles: [], hasProof: true } : null
  })
  media.routes(http)
  await media.recover()
  await http.app.listen({ port: 0, host: '127.0.0.1' })
  const base = `http://127.0.0.1:${(http.app.server.address() as AddressInfo).port}`

  async function stop(): Promise<void> {
    http.app.server.closeAllConnections()
    await http.close()
    await events.close()
    await jobs.stop()
    await media.close()
    await realPool.close()
    await videos.close()
    await ids.close()
    await database.close()
  }

  return {
    base,
    media,
    database,
    jobs,
    clock,
    folder,
    store,
    hot,
    stories,
    cold,
    copy,
    addresses,
    metrics,
    people,
    newPerson(change: Partial<AccountRow> = {}): Person {
      const id = ids.next(ids.randomBucket())
      const person = { id, token: randomBytes(8).toString('hex'), account: newAccount(id, change) }
      people.set(id, person)
      return person
    },
    fetch: (path: string, init?: RequestInit) => fetch(new URL(path, base), init),
    uploadRow: (id: Id): Promise<UploadRow | undefined> =>
      database.main.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst(),
    async mediaOf(uploadId: Id): Promise<Selectable<MediaTable>> {
      const rows = await database.main
        .selectFrom('media')
        .selectAll()
        .where('upload_id', '=', uploadId)
        .execute()
      assert.equal(rows.length, 1, 'an upload has one medium')
      return rows[0]!
    },
    async share(owner: Person, uploadIds: Id[], postId: Id | null = owner.id): Promise<MediaRow[]> {
      const claim = { ownerId: owner.id, purpose: 'media' as const, postId }
      const items = uploadIds.map((uploadId) => ({ uploadId }))
      return await database.transaction((tx) => media.api.claimUploads(tx, { ...claim, items }))
    },
    /** Events become jobs; whether they run is the runners' business. */
    relay: () => events.settle(),
    /** From here on jobs run by themselves, each in its lane. */
    async startRunners(): Promise<void> {
      await events.startRelay()
      await jobs.startRunners()
    },
    /** Everything that is due; `early`: also what waits for a later try. */
    async drain(options: { early?: boolean } = {}): Promise<void> {
      await events.settle()
      await jobs.drain(options)
    },
    async countEvents(kind: EventKind, subjectId: Id): Promise<number> {
      const rows = await database.main
        .selectFrom('events')
        .select('id')
        .where('kind', '=', kind)
        .where('subject_id', '=', subjectId)
        .execute()
      return rows.length
    },
    /** A regular job, now. */
    async runTask(name: string): Promise<void> {
      await jobs.enqueue(name, {})
      await jobs.drain()
    },
    async objects(): Promise<string[]> {
      const keys: string[] = []
      for await (const { key } of store.list('')) keys.push(key)
      return keys
    },
    /** As after a kill: nothing of the process is left but what lies on the disk and in the database. */
    async restart(change: KitOptions = {}) {
      await stop()
      return await startMedia(world, change)
    },
    async close(): Promise<void> {
      await stop()
      await testDatabase.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function newAccount(id: Id, change: Partial<AccountRow>): Person['account'] {
  return {
    id,
    bucket: bucketOf(id),
    username: `person${id}`,
    fullName: '',
    bio: '',
    isVerified: false,
    isPrivate: false,
    state: 'active',
    sightEpoch: 1,
    avatarMediaId: null,
    avatarKey: null,
    avatarStatus: 'none',
    hidesLikeCounts: false,
    sharesLimited: false,
    createdAt: new Date(),
    shownAvatars: [],
    ...change,
  }
}

function accountsOf(people: Map<Id, Person>): AccountsApi {
  const account = (id: Id) => people.get(id)!.account
  const found = (ids: Iterable<Id>) =>
    new Map([...ids].filter((id) => people.has(id)).map((id) => [id, { ...account(id) }]))
  const told: Partial<AccountsApi> = {
    findByIds: async (ids) => found(ids),
    lockAccounts: async (_tx, ids) =>
      new Map([...found(ids)].map(([id, one]) => [id, { ...one, followingCount: 0 }])),
    chooseAvatar: async (_tx, id, mediaId) => {
      Object.assign(account(id), { avatarMediaId: mediaId, avatarStatus: 'processing' })
    },
    avatarReady: async (_tx, id, mediaId, avatarKey) => {
      if (account(id).avatarMediaId !== mediaId) return false
      Object.assign(account(id), { avatarKey, avatarStatus: 'ready' })
      account(id).shownAvatars.push(avatarKey)
      return true
    },
    avatarFailed: async (_tx, id, mediaId) => {
      if (account(id).avatarMediaId === mediaId) account(id).avatarStatus = 'failed'
    },
    // Nobody leaves here.
    whenErased: () => undefined,
    presentMe: async (id) => presentMe(account(id)),
    removeAvatar: async (_tx, id) => {
      Object.assign(account(id), { avatarMediaId: null, avatarKey: null, avatarStatus: 'none' })
    },
  }
  return told as AccountsApi
}

const allNotifications: Me['notifications'] = {
  ...{ likes: 'everyone', comments: 'everyone', mentions: 'everyone', follows: 'everyone' },
  ...{ requests: 'everyone', messages: 'everyone', conversations: 'everyone', stories: 'everyone' },
  ...{ own: 'everyone', security: 'everyone' },
}

function presentMe(account: AccountRow): Me {
  const { id, username, fullName, bio, isVerified, isPrivate, avatarStatus } = account
  const counts = { followerCount: 0, followingCount: 0, postCount: 0, followRequestCount: 0 }
  const settings = { timeZone: 'UTC', language: 'en', theme: 'system' as const, dataSaver: false, roles: [] }
  const preferences = {
    ...{ feedMode: 'ranked' as const, personalisation: true, autoplay: 'always' as const },
    ...{
      defaultAudience: 'public' as const,
      shareMetadata: false,
      keepStoryArchive: false,
      notifications: allNotifications,
    },
    ...{ quietHours: null, pushText: false, digest: 'off' as const },
  }
  const anyone = 'everyone' as const
  const interactions = { allowComments: anyone, allowMentions: anyone, allowMessages: anyone }
  const privacy = {
    hideLikeCounts: false,
    listsVisibleTo: 'everyone' as const,
    showActivity: true,
    showReadMarks: true,
  }
  return {
    ...{
      id,
      username,
      fullName,
      bio,
      isVerified,
      isPrivate,
      avatarStatus,
      ...counts,
      ...settings,
      ...preferences,
      ...privacy,
      ...interactions,
    },
    ...{
      avatarUrl: null,
      avatar: null,
      relationship: null,
      email: 'a@example.org',
      emailVerified: false,
      pendingEmail: null,
      mayInvite: false,
      rolesRest: false,
      needsFactor: false,
    },
    createdAt: account.createdAt.toISOString(),
  }
}
