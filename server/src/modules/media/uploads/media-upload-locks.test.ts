import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import type { Database } from '#platform/db/db.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createTestApp } from '../../../../test/helpers/app.ts'
import { createTestDatabase } from '../../../../test/helpers/database.ts'
import { buildPerson } from '../../../../test/helpers/factories.ts'
import { until } from '../../../../test/helpers/until.ts'
import { createMediaKit } from '../media-test-kit.ts'
import { createTusClient } from './media-test-tus.ts'

const atOnce = process.env.HELIOGRAPH_TEST_LONG === '1' ? 12 : 6

describe('the transaction that makes an upload a medium', () => {
  it('holds no long row locks: nothing is open while bytes move into the store or are decoded', async () => {
    const held = { store: 0, decoder: 0 }
    let isHolding = false
    let release = () => {}
    const mayGoOn = new Promise<void>((resolve) => (release = resolve))
    const hold = async (where: keyof typeof held) => {
      if (!isHolding) return
      held[where] += 1
      await mayGoOn
    }
    const kit = await createMediaKit({
      wrapBlobs: (store) => ({
        ...store,
        putFile: async (key, path, options) => {
          if (key.startsWith('masters/')) await hold('store')
          return await store.putFile(key, path, options)
        },
      }),
      wrapPool: (pool) => ({
        ...pool,
        render: async (request, options) => {
          await hold('decoder')
          return await pool.render(request, options)
        },
      }),
    })
    try {
      const anna = kit.newPerson()
      const tus = createTusClient(kit.base, anna.token)
      const picture = await noise(80, 80).jpeg().toBuffer()
      const decoded = await tus.upload(picture)
      isHolding = true
      const rendering = kit.drain()
      await until(() => held.decoder === 1)
      const stored = tus.upload(picture)
      await until(() => held.store === 1)
      assert.deepEqual(await openTransactions(kit.database), [])

      // Meanwhile others of the same person come through, and become part of something.
      isHolding = false
      const others = await Promise.all(Array.from({ length: atOnce }, () => tus.upload(picture)))
      await Promise.all([decoded, ...others].map((id) => kit.share(anna, [id])))
      assert.deepEqual(await openTransactions(kit.database), [])
      release()
      await stored
      await rendering
      await kit.drain()
      const all = await Promise.all([decoded, ...others].map((id) => kit.mediaOf(id)))
      assert.ok(all.every((row) => row.processing_status === 'ready'))
    } finally {
      release()
      await kit.close()
    }
  })

  it('never waits, nor does a new post, for whoever else is at work on the same account', async () => {
    const database = await createTestDatabase()
    const own = new pg.Client({ connectionString: database.url })
    // Whoever waits for a lock for so long fails.
    const impatient = `${database.url}${database.url.includes('?') ? '&' : '?'}options=-c%20lock_timeout%3D2s`
    const app = await createTestApp({ env: { DATABASE_URL: impatient } })
    try {
      const ana = await buildPerson(app.client, { username: 'ana' })
      const { rows } = await sql<{ lock_timeout: string }>`show lock_timeout`.execute(app.database.main)
      assert.equal(rows[0]?.lock_timeout, '2s')
      const failures: unknown[] = []
      const transaction = app.database.transaction.bind(app.database)
      const watched = mock.method(app.database, 'transaction', async (work: never, options: never) => {
        try {
          return await transaction(work, options)
        } catch (error) {
          failures.push(error)
          throw error
        }
      })
      await own.connect()
      await own.query('begin')
      for (const statement of [
        'select 1 from users where id = $1 for update',
        'select 1 from user_counts where user_id = $1 for update',
      ])
        assert.equal((await own.query(statement, [ana.id])).rowCount, 1)
      const picture = await noise(80, 80).jpeg().toBuffer()
      const share = async (caption: string) => {
        const uploadId = await ana.upload(picture, { retries: 0 })
        return await ana.call('POST /api/posts', { body: { caption, media: [{ uploadId }] } })
      }
      const posts = await Promise.all(Array.from({ length: atOnce }, (_, at) => share(`post ${at}`)))
      assert.ok(posts.every(({ status }) => status === 'processing'))
      assert.ok(watched.mock.callCount() >= 2 * atOnce)
      assert.deepEqual(failures, [])
      await own.query('commit')
      await app.settle()
      for (const { id } of posts)
        assert.equal((await ana.call('GET /api/posts/:id', { params: { id } })).status, 'ready')
    } finally {
      await own.end()
      await app[Symbol.asyncDispose]()
      await database.drop()
    }
  })
})

/** What they wait for or did last, of all that are in the middle of one. */
async function openTransactions({ main }: Database): Promise<string[]> {
  const { rows } = await sql<{ query: string }>`
    select query from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`.execute(
    main,
  )
  return rows.map(({ query }) => query)
}
