import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as macrotask } from 'node:timers/promises'
import fc from 'fast-check'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { idOf } from '#platform/ids/id-halves.ts'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { followOutboxes } from './outbox-events.ts'
import { createOutboxIndex, type OutboxRow } from './outbox-index.ts'
import { createOutboxLoading } from './outbox-loading.ts'
import { none } from './post-records.ts'

interface Post extends OutboxRow {
  author_id: Id
}

/** A statement under way: it sees the table at one moment, and is answered at a later one. */
interface Statement {
  see(): void
  answer(): void
  fail(): void
}

interface News {
  kind: 'posts.published' | 'posts.deleted'
  post: Post
}

const people: readonly Id[] = ['1', '2', '3']

/** What a process has in memory, beside the table that it is read from. Nothing goes on but by a step. */
function createProcess() {
  let table: readonly Post[] = []
  let drawn = 0
  const statements: Statement[] = []
  const unheard: News[] = []
  const heard: News[] = []

  function executeQuery({ parameters }: { parameters: readonly unknown[] }): Promise<{ rows: Post[] }> {
    const wanted = parameters.find((one): one is Id[] => Array.isArray(one) && typeof one[0] === 'string')!
    const { promise, resolve, reject } = Promise.withResolvers<{ rows: Post[] }>()
    let seen: readonly Post[] | undefined
    const end = () => void statements.splice(statements.indexOf(statement), 1)
    const statement: Statement = {
      see() {
        seen ??= table
      },
      answer() {
        end()
        const rows = (seen ?? table).filter(({ author_id }) => wanted.includes(author_id))
        resolve({ rows: rows.toSorted((a, b) => compareIds(b.feed_id, a.feed_id)) })
      },
      fail() {
        end()
        reject(new Error('The connection is gone'))
      },
    }
    statements.push(statement)
    return promise
  }

  const outboxes = createOutboxIndex({ maxBytes: 1024 * 1024 })
  const database = { main: { executeQuery } } as unknown as Database
  const loading = createOutboxLoading({ database, outboxes })
  const handlers = new Map<string, (event: { data: object }) => unknown>()
  const on = (kind: string, handler: (event: { data: object }) => unknown) => void handlers.set(kind, handler)
  followOutboxes({
    events: { on } as unknown as Pick<Events, 'on'>,
    clock: createTestClock(),
    outboxes,
    loading,
  })

  function tell(news: News): void {
    const { author_id: authorId, feed_id: feedId, post_id: postId } = news.post
    handlers.get(news.kind)!({ data: { authorId, feedId, postId } })
  }

  return {
    outboxes,
    statements,
    postsOf: (authorId: Id) => table.filter(({ author_id }) => author_id === authorId),
    /** Committed; who hears of it does so later. */
    publish(author_id: Id): Post {
      const id = idAt(Date.UTC(2026, 0, 1) + ++drawn, Number(author_id), 1, 0)
      const post = { author_id, feed_id: id, post_id: id }
      table = [...table, post]
      unheard.push({ kind: 'posts.published', post })
      return post
    },
    withdraw(post: Post): void {
      table = table.filter((each) => each !== post)
      unheard.push({ kind: 'posts.deleted', post })
    },
    hear(at: number): void {
      const [news] = unheard.splice(at % Math.max(1, unheard.length), 1)
      if (!news) return
      heard.push(news)
      tell(news)
    },
    hearAgain(at: number): void {
      const news = heard[at % Math.max(1, heard.length)]
      if (news) tell(news)
    },
    hearAll(): void {
      while (unheard.length > 0) this.hear(0)
    },
    /** A reader of theirs comes. */
    read(authorIds: readonly Id[]): Promise<void> {
      return loading.load(outboxes.numbersOf(authorIds)!).catch(() => {})
    },
    /** Everything that is under way comes to its end. */
    async settle(): Promise<void> {
      await macrotask()
      while (statements.length > 0) {
        statements[0]!.answer()
        await macrotask()
      }
    },
    /** What feeds would find of an author; null: they are not in memory. */
    inMemory(authorId: Id): Id[] | null {
      const { posts, authors } = outboxes
      const number = outboxes.findNumber(authorId)
      if (number === undefined || authors.isLoaded[number] === 0) return null
      const found: Id[] = []
      for (let slot = authors.head[number]!; slot !== none; slot = posts.previous(slot))
        found.push(idOf(posts.postHi(slot), posts.postLo(slot)))
      return found
    },
  }
}

type Process = ReturnType<typeof createProcess>

function assertNothingWrong(process: Process): void {
  for (const author of people) {
    const found = process.inMemory(author)
    if (found === null) continue
    const posts = process.postsOf(author).map(({ post_id }) => post_id)
    assert.deepEqual(found, posts.toReversed(), `posts of ${author}`)
  }
}

/** All was dropped while they were being read; the next reading has seen the table when that one ends and a post comes. */
async function publishBehindOldLoad(): Promise<Process> {
  const process = createProcess()
  process.read(people)
  process.outboxes.clear()
  process.read(people)
  const [old, next] = [...process.statements]
  next!.see()
  old!.answer()
  await macrotask()
  process.publish('2')
  process.hearAll()
  return process
}

describe('authors who are read into memory', () => {
  test('never lose a post because a load from before all was dropped comes to its end', async () => {
    const process = await publishBehindOldLoad()
    await process.settle()
    assert.notEqual(process.inMemory('2'), null, 'read once more')
    assertNothingWrong(process)
  })

  test('never go back to what an earlier load saw', async () => {
    const process = await publishBehindOldLoad()
    process.read(people)
    assert.equal(process.statements.length, 1, 'nobody is read twice at the same time')
    await process.settle()
    assertNothingWrong(process)
  })

  test('are read again after the database was away', async () => {
    const process = createProcess()
    process.publish('1')
    const reading = process.read(people)
    process.statements[0]!.fail()
    await reading
    assert.equal(process.inMemory('1'), null)
    process.read(people)
    await process.settle()
    assertNothingWrong(process)
    assert.equal(process.inMemory('1')?.length, 1)
  })

  const step = fc.record({
    kind: fc.constantFrom(
      ...(['publish', 'publishAndHear', 'publishAndHear', 'withdraw', 'hear', 'hearAgain'] as const),
      ...(['read', 'read', 'readAndSee', 'readAndSee', 'see'] as const),
      ...(['answer', 'answer', 'answer', 'fail', 'clear', 'clear', 'forget'] as const),
    ),
    at: fc.nat(20),
    who: fc.shuffledSubarray([...people], { minLength: 1 }),
  })

  test('lack no post that is out and have none that is gone, whatever came between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const process = createProcess()
        for (const { kind, at, who } of steps) {
          const [author] = who as [Id]
          const statement = process.statements[at % Math.max(1, process.statements.length)]
          if (kind === 'publish') process.publish(author)
          else if (kind === 'publishAndHear') {
            process.publish(author)
            process.hearAll()
          } else if (kind === 'hear' || kind === 'hearAgain') process[kind](at)
          else if (kind === 'read') process.read(who)
          else if (kind === 'readAndSee') {
            process.read(who)
            for (const under of process.statements) under.see()
          } else if (kind === 'clear') process.outboxes.clear()
          else if (kind === 'withdraw') {
            const posts = process.postsOf(author)
            if (posts.length > 0) process.withdraw(posts[at % posts.length]!)
          } else if (kind === 'forget') {
            const number = process.outboxes.findNumber(author)
            if (number !== undefined) process.outboxes.forget(number)
          } else statement?.[kind]()
          await macrotask()
        }
        process.hearAll()
        await process.settle()
        assertNothingWrong(process)
        process.read(people)
        await process.settle()
        for (const author of people) assert.notEqual(process.inMemory(author), null)
        assertNothingWrong(process)
      }),
      { numRuns: 500 },
    )
  })
})
