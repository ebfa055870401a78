import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id, idAt, timeOf } from '#platform/ids/ids.ts'
import type { TestApp } from './app.ts'
import { block, buildPerson, follow, type Person } from './factories.ts'
import { type Own, type Role, roles, type ThingName } from './foreign-things.ts'
import { createPostsKit, type PostsKit } from './posts-kit.ts'

// Olga keeps everything to herself and a friend. The others stand to her in every way there is, and each has things of the
// same kinds of their own.

type Somebody = Exclude<Role, 'signed out'>

/** Something of hers, and what is of its kind in everything but that it never was. */
export interface Thing {
  theirs: string
  none: string
}

export interface ForeignWorld {
  app: TestApp
  olga: Person
  people: Record<Somebody, Person>
  things: Record<ThingName, Thing>
  /** What of the same kinds somebody has. */
  own: Record<Somebody, Own>
  /** By route what has to stand beside the id: as good as she has it herself. */
  queries: Readonly<Record<string, string>>
  /** Words that stand only in what is hers or her friend's alone. */
  secrets: RegExp
  /** Of every row that lies with her. */
  fingerprint(): Promise<string>
  /** Everybody stands to her as at first. */
  restore(role: Role): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const secret = 'sealed_in'

export async function buildForeignWorld(): Promise<ForeignWorld> {
  const kit = await createPostsKit()
  const { app } = kit
  const { client } = app
  const names = roles.filter((role): role is Somebody => role !== 'signed out')
  const everybody = await Promise.all(
    [...names, `friend_${secret}`, `asker_${secret}`].map((name) =>
      buildPerson(client, { username: `as_${name.replaceAll(' ', '_')}` }),
    ),
  )
  const people = Object.fromEntries(names.map((name, at) => [name, everybody[at]])) as Record<
    Somebody,
    Person
  >
  const [friend, asker] = everybody.slice(-2) as [Person, Person]
  let olga = await buildApart(app, everybody)
  for (const role of ['moderator', 'admin', 'owner'] as const)
    await app.modules.accounts.api.setRoles(people[role].id, [role])

  const own = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await buildOwn(kit, people[name], friend)])),
  ) as ForeignWorld['own']
  const taken = [...everybody.map(({ id }) => id), ...Object.values(own).map((each) => each.conversation)]
  const things = await buildThings(kit, { olga, friend, asker }, new Set(taken.map(bucketOf)))

  const them = { params: { username: olga.username } }
  const take: Partial<Record<Role, () => Promise<unknown>>> = {
    follower: () => follow(people.follower, olga),
    pending: () => people.pending.call('PUT /api/users/:username/follow', them),
    blocked: () => block(olga, people.blocked),
  }
  for (const stand of Object.values(take)) await stand()
  await app.settle()
  const standing = async (role: Somebody) =>
    role === 'blocked' ? null : (await people[role].call('GET /api/users/:username', them)).relationship
  const before = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await standing(name)] as const)),
  )

  return {
    app,
    get olga() {
      return olga
    },
    people,
    things,
    own,
    queries: { 'GET /api/me/exports/{id}/file': await queryOfCopy(olga, things.export.theirs) },
    secrets: new RegExp(`${secret}|olga@people`),
    fingerprint: createFingerprint(app, olga, things.conversation.theirs),
    async restore(role) {
      if (role === 'signed out') return
      // An admin may have ended her sessions, and with them what she had beside her password.
      if (!(await isSignedIn(olga)))
        olga = { ...olga, ...(await client.signIn(olga.username, olga.password)) }
      const now = await standing(role)
      if (now?.following !== before[role]?.following) {
        await people[role].call('DELETE /api/users/:username/follow', them)
        await take[role]?.()
      }
      assert.deepEqual(await standing(role), before[role], `restore() does not know how ${role} stood to her`)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function queryOfCopy(olga: Person, id: Id): Promise<string> {
  const { parts } = await olga.call('POST /api/me/exports/:id/addresses', { params: { id } })
  return new URL(parts[0]!.url, 'http://localhost').search
}

async function isSignedIn(person: Person): Promise<boolean> {
  return await person.call('GET /api/me').then(
    () => true,
    () => false,
  )
}

/** Her rows share their bucket with nobody's, so that a change there is one of hers. */
async function buildApart(app: TestApp, others: Person[]): Promise<Person> {
  const taken = new Set(others.map(({ id }) => bucketOf(id)))
  for (let attempt = 0; ; attempt++) {
    const olga = await buildPerson(app.client, {
      username: attempt === 0 ? 'olga' : `olga${attempt}`,
      email: `olga@people${attempt}.example`,
      isPrivate: true,
    })
    if (!taken.has(bucketOf(olga.id))) return olga
  }
}

async function buildOwn(kit: PostsKit, person: Person, friend: Person): Promise<Own> {
  const post = await kit.post(person)
  const comment = await person.call('POST /api/posts/:id/comments', {
    params: { id: post.id },
    body: { text: 'mine' },
  })
  const { request, evidence } = await askToBeVerified(person)
  const talk = await converse(person, friend, 'mine')
  return {
    person: person.username,
    post: post.id,
    medium: post.media[0]?.id ?? '',
    comment: comment.id,
    'verification request': request,
    evidence,
    ...(await shareStory(kit, person, 'mine')),
    ...talk,
  }
}

/** One that is out, in a highlight. */
async function shareStory(
  kit: PostsKit,
  person: Person,
  words: string,
): Promise<Record<'story' | 'highlight', Id>> {
  const { id: story } = await kit.story(person, { altText: words })
  const { id: highlight } = await person.call('POST /api/highlights', {
    body: { title: words.slice(0, 30), storyIds: [story] },
  })
  return { story, highlight }
}

/** A group of two with one message in it. */
async function converse(
  person: Person,
  other: Person,
  text: string,
): Promise<Record<'conversation' | 'message', Id>> {
  const { id: conversation } = await person.call('POST /api/conversations', {
    body: { members: [other.username], name: text },
  })
  const { id: message } = await person.call('POST /api/conversations/:id/messages', {
    params: { id: conversation },
    body: { clientId: 'the-first-one', text },
  })
  return { conversation, message }
}

async function buildThings(
  kit: PostsKit,
  { olga, friend, asker }: Record<'olga' | 'friend' | 'asker', Person>,
  taken: ReadonlySet<number>,
): Promise<ForeignWorld['things']> {
  const { app } = kit
  await follow(friend, olga)
  const used = await kit.upload(olga)
  const post = await olga.call('POST /api/posts', {
    body: {
      caption: `caption ${secret} #${secret}`,
      place: { name: `place ${secret}`, lat: 52, lng: 13 },
      media: [{ uploadId: used, altText: `words ${secret}` }],
    },
  })
  const params = { id: post.id }
  await olga.call('PUT /api/posts/:id/save', { params })
  await friend.call('PUT /api/posts/:id/like', { params })
  const comment = await friend.call('POST /api/posts/:id/comments', {
    params,
    body: { text: `comment ${secret}` },
  })
  await friend.call('POST /api/reports', {
    body: { postId: post.id, reason: 'other', note: `note ${secret}` },
  })
  await asker.call('PUT /api/users/:username/follow', { params: { username: olga.username } })
  const told = await shareStory(kit, olga, `Story ${secret}`)
  const { items: sessions } = await (await app.client.signIn(olga.username, olga.password)).call(
    'GET /api/sessions',
  )
  const passkeyId = await addPasskey(app, olga)
  const asked = await askToBeVerified(olga, `name ${secret}`)
  const invited = await app.modules.accounts.api.invitations.create(
    { id: olga.user.id, roles: ['moderator'], hasProof: true },
    { maxUses: 1, days: 7, note: `invitation ${secret}` },
  )
  let talk = await converse(olga, friend, `message ${secret}`)
  // Nobody else's rows lie with it, as with her.
  while (taken.has(bucketOf(talk.conversation))) talk = await converse(olga, friend, `message ${secret}`)
  await olga.call('PUT /api/conversations/:id/draft', {
    params: { id: talk.conversation },
    body: { text: `draft ${secret}` },
  })
  await olga.call('PATCH /api/me', { body: { allowMessages: 'nobody' } })
  const copy = await olga.call('POST /api/me/exports')
  await app.settle()
  const {
    items: [notification],
  } = await olga.call('GET /api/notifications')
  const reported = await app.database.main
    .selectFrom('moderation_cases')
    .select('id')
    .where('subject_id', '=', post.id)
    .executeTakeFirstOrThrow()
  const idThing = (id: Id): Thing => ({
    theirs: id,
    none: idAt(timeOf(id) - 86_400_000, bucketOf(id), 100, 7),
  })
  return {
    person: { theirs: olga.username, none: 'nobody_at_all' },
    account: idThing(olga.id),
    asker: { theirs: asker.username, none: 'nobody_at_all' },
    post: idThing(post.id),
    comment: idThing(comment.id),
    medium: idThing(post.media[0]?.id ?? ''),
    'used upload': idThing(used),
    'unused upload': idThing(await kit.upload(olga)),
    'unfinished upload': idThing(await beginUpload(app, olga)),
    session: idThing(sessions.find(({ current }) => current)?.id ?? ''),
    passkey: idThing(passkeyId),
    invitation: idThing(invited.row.id),
    case: idThing(reported.id),
    hashtag: { theirs: secret, none: 'never_said' },
    'verification request': idThing(asked.request),
    evidence: idThing(asked.evidence),
    conversation: idThing(talk.conversation),
    message: idThing(talk.message),
    notification: idThing(notification?.id ?? ''),
    story: idThing(told.story),
    highlight: idThing(told.highlight),
    export: idThing(copy.id),
  }
}

/** Nothing of it has been sent yet. */
export async function beginUpload(app: TestApp, { token }: { token?: string | undefined }): Promise<Id> {
  const { headers } = await app.http.app.inject({
    method: 'POST',
    url: '/api/uploads',
    headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', 'upload-length': '1000' },
  })
  return String(headers.location).split('/').at(-1) ?? ''
}

/** With a file that begins like a photograph. */
async function askToBeVerified(person: Person, words = 'mine'): Promise<Record<'request' | 'evidence', Id>> {
  const bytes = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from(words)])
  const evidence = await person.upload(bytes, { purpose: 'evidence' })
  const { id: request } = await person.call('POST /api/me/verification-request', {
    body: { category: 'artist', fullName: words, evidence: [evidence] },
  })
  return { request, evidence }
}

/** Only that it is there counts: nobody signs in by it. */
async function addPasskey(app: TestApp, { id }: Person): Promise<Id> {
  const passkeyId = idAt(Date.now() - 1000, bucketOf(id), 101, 1)
  await app.database.main
    .insertInto('passkeys')
    .values({
      bucket: bucketOf(id),
      user_id: id,
      id: passkeyId,
      credential_id: 'made-up',
      public_key: Buffer.from('made up'),
      counter: '0',
      transports: [],
      is_synced: false,
      name: `passkey ${secret}`,
      created_at: new Date(),
      last_used_at: null,
    })
    .execute()
  return passkeyId
}

function createFingerprint(app: TestApp, { id }: Person, conversationId: Id): () => Promise<string> {
  const db = app.database.main
  const list = async () => {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'bucket'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      order by 1`.execute(db)
    return rows.map(({ name }) => name)
  }
  /** Prepared: to plan a hundred tables with all their months takes longer than to read them. */
  const prepare = async () => {
    const parts = (await list()).map(
      (name) =>
        sql`select ${sql.lit(name)} || string_agg(t::text, '|' order by t::text) as rows from ${sql.table(name)} t where bucket in (${sql.lit(bucketOf(id))}, ${sql.lit(bucketOf(conversationId))})`,
    )
    const all = sql<{ rows: string | null }>`${sql.join(parts, sql` union all `)}`
    return prepared('test.fingerprint', (builder) => ({ compile: () => all.compile(builder) }))
  }
  let read: ReturnType<typeof prepare> | undefined
  return async () => {
    await app.events.settle()
    read ??= prepare()
    const ask = await read
    const rows = await app.database.transaction(async (tx) => {
      // So many empty tables look like work for several processes, which take longer to begin than one to end.
      await sql`set local max_parallel_workers_per_gather = 0`.execute(tx)
      return await ask(tx, {})
    })
    return createHash('sha256')
      .update(JSON.stringify(rows.map((row) => row.rows).sort()))
      .digest('hex')
  }
}
