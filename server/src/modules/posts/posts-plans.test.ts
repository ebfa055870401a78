import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type CompiledQuery, sql } from 'kysely'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { type Seeded, seedFeed, seedFollows } from '../../../test/helpers/seed-feed.ts'

let kit: PostsKit
let viewer: Person
let seeded: Seeded

before(async () => {
  kit = await createPostsKit()
  viewer = await kit.person('viewer')
  const { main } = kit.app.database
  seeded = await seedFeed(main, { people: 600, posts: 12_000, likes: 20_000, comments: 12_000 })
  await seedFollows(main, viewer.user.id, seeded.people.slice(0, 300))
})
after(() => kit[Symbol.asyncDispose]())

const hotTables = ['outboxes', 'posts', 'post_media', 'post_counts', 'likes', 'comments', 'likes_given']
const alsoHot = ['saves', 'hashtag_posts', 'media']

describe('hot queries use their index on a lived-in database', () => {
  test('a page of the feed', async () => {
    const { nextCursor } = await viewer.call('GET /api/feed')
    for (const cursor of [undefined, nextCursor!]) {
      const plans = await plansOf(() => viewer.call('GET /api/feed', { query: { cursor } }))
      assertIndexed(plans, ['outboxes_by_author', 'posts_…_pkey', 'comments_…'])
    }
  })

  test('a profile', async () => {
    const plans = await plansOf(() =>
      viewer.call('GET /api/users/:username/posts', { params: { username: 'seeded_0' } }),
    )
    assertIndexed(plans, ['posts_…_author_id_display_at'])
  })

  test('comments, likers and a hashtag page', async () => {
    const busy = { params: { id: seeded.posts[0]!.id } }
    const comments = await plansOf(() => viewer.call('GET /api/posts/:id/comments', busy))
    assertIndexed(comments, ['comments_…'])
    const likers = await plansOf(() => viewer.call('GET /api/posts/:id/likes', busy))
    assertIndexed(likers, ['likes_…'])
    const tagged = await plansOf(() =>
      viewer.call('GET /api/tags/:tag/posts', { params: { tag: seeded.tag } }),
    )
    assertIndexed(tagged, ['hashtag_posts_by_time'])
  })

  test('what one likes and saved', async () => {
    const plans = await plansOf(() => viewer.call('GET /api/me/likes'))
    assertIndexed(plans, ['likes_given_by_time'])
  })
})

interface Plan {
  text: string
  indexes: string[]
  scanned: string[]
}

/** `…` stands for the name of a partition. */
function assertIndexed(plans: readonly Plan[], wanted: readonly string[]): void {
  for (const { text, scanned } of plans)
    for (const table of [...hotTables, ...alsoHot])
      assert.ok(
        !scanned.some((name) => name.replace(/_p?\d.*$/, '') === table),
        `reads all of ${table}:\n${text}`,
      )
  const used = plans.flatMap((plan) => plan.indexes)
  for (const name of wanted) {
    const pattern = new RegExp(`^${name.replace('…', '.*')}`)
    assert.ok(
      used.some((index) => pattern.test(index)),
      `${name} is not among ${[...new Set(used)].join(', ')}`,
    )
  }
}

/** Explains every select that runs while something is done. */
async function plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
  const queries = await queriesDuring(work)
  const plans: Plan[] = []
  for (const query of queries) {
    if (!/^\s*select/i.test(query.sql)) continue
    const explained = await kit.app.database.main.executeQuery<{ 'QUERY PLAN': PlanNode[] }>({
      ...sql``.compile(kit.app.database.main),
      sql: `explain (format json) ${query.sql}`,
      parameters: query.parameters,
    })
    plans.push(readPlan(query.sql, explained.rows[0]!['QUERY PLAN'][0] as unknown as { Plan: PlanNode }))
  }
  return plans
}

interface PlanNode {
  'Node Type': string
  'Index Name'?: string
  'Relation Name'?: string
  'Actual Rows'?: number
  'Plan Rows': number
  Plans?: PlanNode[]
}

/** A table that planning finds (nearly) empty may be read as a whole. */
const fewRows = 50

function readPlan(text: string, { Plan: root }: { Plan: PlanNode }): Plan {
  const plan: Plan = { text: `${text}\n${JSON.stringify(root, null, 1)}`, indexes: [], scanned: [] }
  const walk = (node: PlanNode) => {
    if (node['Index Name']) plan.indexes.push(node['Index Name'])
    if (node['Node Type'] === 'Seq Scan' && node['Plan Rows'] > fewRows)
      plan.scanned.push(node['Relation Name']!)
    for (const child of node.Plans ?? []) walk(child)
  }
  walk(root)
  return plan
}

async function queriesDuring(work: () => Promise<unknown>): Promise<CompiledQuery[]> {
  type Executor = ReturnType<typeof kit.app.database.main.getExecutor>
  const prototype = Object.getPrototypeOf(kit.app.database.main.getExecutor()) as Executor
  const { executeQuery } = prototype
  const queries: CompiledQuery[] = []
  prototype.executeQuery = function (this: Executor, ...given: Parameters<typeof executeQuery>) {
    queries.push(given[0])
    return executeQuery.apply(this, given)
  } as typeof executeQuery
  try {
    await work()
  } finally {
    prototype.executeQuery = executeQuery
  }
  return queries
}
