import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { bucketOf } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { block, buildPeople, buildPerson, follow } from '../../../test/helpers/factories.ts'
import type { ViewerRelations } from './viewer-relations.ts'
import { canSee } from './visibility.ts'

let app: TestApp

before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

const textOf = (relations: ViewerRelations) =>
  JSON.stringify(relations, (_, value: unknown) => (value instanceof Set ? [...value] : value))

test('what is kept of somebody is a new thing after any change of theirs, and never changes itself', async () => {
  const ann = await buildPerson(app.client)
  const ben = await buildPerson(app.client)
  const graph = app.modules.graph.api
  const to = { params: { username: ben.username } }
  const changes = [
    () => follow(ann, ben),
    () => ann.call('PUT /api/users/:username/favourite', to),
    () => ann.call('PUT /api/users/:username/mute', to),
    () => ann.call('DELETE /api/users/:username/mute', to),
    () => ann.call('DELETE /api/users/:username/favourite', to),
    () => ann.call('DELETE /api/users/:username/follow', to),
    () => block(ben, ann),
  ]
  for (const change of changes) {
    const before = await graph.relationsOf(ann.id)
    const told = textOf(before)
    assert.equal(graph.peekRelations(ann.id), before)
    await change()
    assert.equal(graph.peekRelations(ann.id), undefined)
    const now = await graph.relationsOf(ann.id)
    assert.notEqual(now, before)
    assert.equal(textOf(before), told)
    assert.notEqual(textOf(now), told)
  }
})

test('memory says the same as the database, and nothing while it lacks somebody', async () => {
  const [ann, ben, cat] = await buildPeople(app.client, 3)
  const graph = app.modules.graph.api
  await follow(ann!, ben!)
  await block(cat!, ann!)
  assert.equal(graph.peekSight(ann!, [ben!.id, cat!.id]), undefined)
  const loaded = await graph.loadSight(ann!, [ben!.id, cat!.id])
  assert.deepEqual(graph.peekSight(ann!, [ben!.id, cat!.id]), loaded)
  assert.equal(graph.peekSight(ann!, [ben!.id, '1']), undefined)
  assert.deepEqual(graph.peekSight(null, [ben!.id]), await graph.loadSight(null, [ben!.id]))
  const known = graph.peekAuthors([ben!.id, cat!.id])!
  const over = graph.peekSightOver(ann!)!.over(known)!
  for (const id of [ben!.id, cat!.id, '1']) assert.deepEqual(over.authors.get(id), loaded.authors.get(id))
  await app.coherence.stop()
  assert.equal(graph.peekSight(ann!, [ben!.id]), undefined)
  assert.equal(graph.peekAuthors([ben!.id]), undefined)
  assert.equal(graph.peekSightOver(ann!), undefined)
  assert.deepEqual(await graph.loadSight(ann!, [ben!.id, cat!.id]), loaded)
  await app.coherence.start()
})

test('authors that are kept elsewhere count until anything is heard of anybody', async () => {
  const [ann, ben, cat] = await buildPeople(app.client, 3)
  const graph = app.modules.graph.api
  await graph.loadSight(ann!, [ben!.id])
  const known = graph.peekAuthors([ben!.id])!
  assert.equal(graph.peekSightOver(ann!)!.over(known)!.authors.get(ben!.id)!.blockedBy, false)
  assert.equal(graph.peekSightOver(ann!)!.isUnhindered, true)
  await block(ben!, ann!)
  await graph.relationsOf(ann!.id)
  assert.equal(graph.peekSightOver(ann!)!.isUnhindered, false)
  assert.equal(graph.peekSightOver(ann!)!.over(known)!.authors.get(ben!.id)!.blockedBy, true)
  await cat!.call('PATCH /api/me', { body: { isPrivate: true } })
  assert.equal(graph.peekSightOver(ann!)!.over(known), undefined)
})

test('whom very many have blocked is asked about in the database, and never sees more for it', async () => {
  const [star, hater, friend] = await buildPeople(app.client, 3)
  const graph = app.modules.graph.api
  await sql`
    insert into blocked_by (bucket, blocked_id, blocker_id, created_at)
    select ${bucketOf(star!.id)}, ${star!.id}::bigint, n, now() from generate_series(1, 10001) as n
  `.execute(app.database.main)
  await block(hater!, star!)
  assert.equal((await graph.relationsOf(star!.id)).blockedBy, null)
  const sight = await graph.loadSight(star!, [hater!.id, friend!.id])
  assert.equal(graph.peekSight(star!, [friend!.id]), undefined)
  assert.equal(canSee(sight, { kind: 'profile', authorId: hater!.id }), false)
  assert.equal(canSee(sight, { kind: 'profile', authorId: friend!.id }), true)
})
