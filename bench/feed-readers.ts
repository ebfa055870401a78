// What readers of scenario "feed" have done before they are measured: nobody's feed is empty of what is known of them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reader } from './feed-data.ts'
import type { Ask } from './feed-load.ts'
import type { Setting } from './feed-setting.ts'

/** As many as the app tells at once while somebody scrolls. */
export const batchSize = 20
const atOnce = 8
const likeEach = 50
const pagesSeen = { usual: 4, quick: 1 }
const perPage = 50
const giveUpMs = 60_000

/**
 * Through the server's own doors, as the app does it: each has looked at the newest of their feed for a while, and liked
 * some. The process that took it is not the one that is measured.
 */
export async function readersWhoRead(setting: Setting): Promise<void> {
  const { context, set } = setting
  context.log(`set ${set.name}: ${set.readers.length} readers look at their feeds`)
  const pages = context.isQuick ? pagesSeen.quick : pagesSeen.usual
  const waiting = [...set.readers]
  const work = async () => {
    for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop())
      await readOn(setting, reader, pages)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await untilFollowed(setting, set.readers[0]!)
  await setting.restart()
}

async function readOn({ load, ours }: Setting, reader: Reader, pages: number): Promise<void> {
  const { token } = reader
  let cursor = ''
  for (let page = 0; page < pages; page++) {
    const path = `/api/feed?mode=chronological&limit=${perPage}${cursor}`
    const [answer] = await load.all(ours.url, [{ token, path }], 1)
    const { items, nextCursor } = JSON.parse(answer!.body.toString()) as {
      items: { id: string }[]
      nextCursor: string | null
    }
    const ids = items.map(({ id }) => id)
    await load.all(ours.url, [impressionsOf(reader, ids)], 1)
    const liked = ids.filter((_, at) => at % likeEach === 0)
    await load.all(
      ours.url,
      liked.map((id): Ask => ({ token, path: `/api/posts/${id}/like`, method: 'PUT' })),
      1,
    )
    if (nextCursor === null) return
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`
  }
}

let told = 0

export function impressionsOf({ token }: { token: string }, postIds: readonly string[]): Ask {
  const at = new Date().toISOString()
  const signals = postIds.map((postId) => {
    told++
    return {
      id: `bench-${told}`,
      kind: 'impression',
      at,
      postId,
      surface: 'feed',
      dwellMs: 1000 + (told % 9000),
    }
  })
  return { token, path: '/api/signals', method: 'POST', body: { signals } }
}

/** Likes become signals a moment later, those of whoever was the last to read at the end. */
async function untilFollowed({ load, ours }: Setting, last: Reader): Promise<void> {
  const giveUp = Date.now() + giveUpMs
  for (;;) {
    const [answer] = await load.all(ours.url, [{ token: last.token, path: '/api/me/signals?limit=50' }], 1)
    const { items } = JSON.parse(answer!.body.toString()) as { items: { kind: string }[] }
    if (items.some(({ kind }) => kind === 'like')) return
    if (Date.now() > giveUp) throw new Error('Likes have not become signals within a minute')
    await sleep(50)
  }
}
