import type { Page } from 'playwright-core'
import type { Person } from '../../../server/test/helpers/factories.ts'
import type { World } from './world.ts'

export const firstPicture = (page: Page) => page.getByRole('article').first().getByRole('img').first()

/** By the signals that the app sends. */
export async function lookAtNewest(world: World, person: Person, limit: number): Promise<void> {
  const { items } = await person.call('GET /api/feed', { query: { mode: 'chronological', limit } })
  const at = new Date().toISOString()
  const signals = items.map(({ id }) => ({
    id: `seen-${id}`,
    kind: 'impression' as const,
    postId: id,
    at,
    dwellMs: 2000,
  }))
  await person.call('POST /api/signals', { body: { signals } })
  await world.app.settle()
}

/** Until the page has read again what came between its first reading and its line: what is new after that has a pill. */
export async function openWholly(page: Page): Promise<void> {
  let asked = 0
  const again = page.waitForRequest(
    (request) => request.url().endsWith('/api/me') && request.method() === 'GET' && ++asked === 2,
  )
  await page.goto('/')
  await again
}
