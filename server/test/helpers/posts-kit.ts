import { randomBytes } from 'node:crypto'
import type { Client } from '@heliograph/client'
import type { Post } from '@heliograph/contract/posts'
import type { NewStory, Story } from '@heliograph/contract/stories'
import { bucketOf, type Id, idAt } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp, type TestAppOptions } from './app.ts'

// Stories of posts over HTTP. Pixels are the media module's business: here an upload is two rows, in
// whatever state a test wants, and everything from there on is the real thing.

export type Person = Awaited<ReturnType<Client['signUp']>>

export interface PostsKit {
  app: TestApp
  /** Signed up, with a token of their own. */
  person(name?: string, options?: { isPrivate?: boolean }): Promise<Person>
  people(count: number): Promise<Person[]>
  upload(owner: Person, state?: 'ready' | 'processing' | 'failed', purpose?: 'media' | 'story'): Promise<Id>
  /** Ready in the answer, unless words of it wait for a moderator. */
  story(author: Person, body?: Omit<NewStory, 'uploadId'>): Promise<Story>
  /** Ends the processing of all media of a post, and everything that follows from it. */
  finishMedia(postId: Id, state: 'ready' | 'failed'): Promise<void>
  /** A post of ready media, so that it is ready in the answer. */
  post(author: Person, body?: { caption?: string; media?: number; displayAt?: string }): Promise<Post>
  follow(follower: Person, followed: Person): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function createPostsKit(options: TestAppOptions = {}): Promise<PostsKit> {
  const app = await createTestApp(options)
  const db = app.database.main
  const sequence = createSequence()
  let named = 0

  async function upload(
    owner: Person,
    state: 'ready' | 'processing' | 'failed' = 'ready',
    purpose: 'media' | 'story' = 'media',
  ): Promise<Id> {
    const uploadId = sequence(owner.user.id)
    const mediaId = sequence(owner.user.id)
    const bucket = bucketOf(owner.user.id)
    const now = new Date(options.clock?.now() ?? Date.now())
    await db
      .insertInto('uploads')
      .values({
        bucket,
        id: uploadId,
        owner_id: owner.user.id,
        purpose,
        size: 1000,
        state: 'complete',
        media_id: mediaId,
        expires_at: new Date(now.getTime() + 86_400_000),
        created_at: now,
      })
      .execute()
    const token = randomBytes(8).toString('hex')
    const folder = purpose === 'story' ? 'stories' : 'photos'
    const key = (size: string) => `${folder}/2026/01/01/${size}/${mediaId}_${token}_1.webp`
    const rendered = {
      width: 1080,
      height: 1350,
      thumbhash: Buffer.from('1234'),
      format: 'jpeg',
      original_key: key('original'),
      thumbnail_key: key('thumbnail'),
      medium_key: key('medium'),
      large_key: key('large'),
      fallback_key: key('fallback'),
    }
    await db
      .insertInto('media')
      .values({
        bucket,
        id: mediaId,
        owner_id: owner.user.id,
        upload_id: uploadId,
        purpose,
        media_type: 'photo',
        post_id: null,
        processing_status: state,
        failure_code: state === 'failed' ? 'media.corrupt' : null,
        attempts: 1,
        token,
        revision: 1,
        crop: null,
        file_size: 1000,
        master_key: key('master'),
        created_at: now,
        exif: null,
        ...(state === 'ready' ? rendered : {}),
      })
      .execute()
    return uploadId
  }

  const kit: PostsKit = {
    app,
    upload,
    async person(name, { isPrivate = false } = {}) {
      const username = name ?? `person_${++named}_${randomBytes(3).toString('hex')}`
      const client = await app.client.signUp({
        username,
        email: `${username}@example.org`,
        password: 'correct horse battery',
      })
      if (isPrivate) await client.call('PATCH /api/me', { body: { isPrivate } })
      return client
    },
    people: (count) => Promise.all(Array.from({ length: count }, () => kit.person())),
    async finishMedia(postId, state) {
      const bucket = bucketOf(postId)
      await app.database.transaction(async (tx) => {
        const rows = await tx
          .updateTable('media')
          .set({ processing_status: state, failure_code: state === 'failed' ? 'media.corrupt' : null })
          .where('bucket', '=', bucket)
          .where('post_id', '=', postId)
          .where('processing_status', '=', 'processing')
          .returning(['id', 'owner_id', 'revision'])
          .execute()
        for (const row of rows) {
          const data = { ownerId: row.owner_id, purpose: 'media' as const, postId, revision: row.revision }
          if (state === 'ready')
            await app.events.emit(tx, 'media.ready', {
              bucket,
              subjectId: row.id,
              data: { ...data, replacedKeys: [] },
            })
          else
            await app.events.emit(tx, 'media.failed', {
              bucket,
              subjectId: row.id,
              data: { ...data, code: 'media.corrupt' },
            })
        }
      })
    },
    async post(author, { caption, media = 1, displayAt } = {}) {
      const uploads = await Promise.all(Array.from({ length: media }, () => upload(author)))
      return await author.call('POST /api/posts', {
        body: { caption, displayAt, media: uploads.map((uploadId) => ({ uploadId })) },
      })
    },
    async story(author, body = {}) {
      const uploadId = await upload(author, 'ready', 'story')
      return await author.call('POST /api/stories', { body: { uploadId, ...body } })
    },
    async follow(follower, followed) {
      await follower.call('PUT /api/users/:username/follow', {
        params: { username: followed.user.username },
      })
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
  return kit
}

/** Ids of a slot that no process of a test leases. */
function createSequence() {
  let drawn = 0
  const start = Date.now() - 600_000
  return (ownerId: Id): Id => {
    drawn++
    return idAt(start + Math.floor(drawn / 32), bucketOf(ownerId), 127, drawn % 32)
  }
}

/** The code that a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return 'none'
}

/** Every item of a list that is read page by page. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
