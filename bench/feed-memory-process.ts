// A process of its own that holds what the feed keeps in memory, of so many posts or viewers and of nothing else.
import { createOutboxIndex } from '../server/src/modules/feed/index/outbox-index.ts'
import { createSeenPosts } from '../server/src/modules/ranking/tastes/seen-posts.ts'
import { tasteFrom } from '../server/src/modules/ranking/tastes/taste.ts'
import {
  createTasteSums,
  noteInteraction,
  noteShown,
} from '../server/src/modules/ranking/tastes/taste-sums.ts'
import { type Id, idAt } from '../server/src/platform/ids/ids.ts'

export interface Fill {
  type: 'fill'
  what: 'posts' | 'viewers'
  count: number
}

export const postsPerAuthor = 30
export const known = { authors: 150, tags: 200, seen: 200 }

const now = Date.now()
const roomy = 2 ** 31
const stepMs = 20
const held: unknown[] = []

/** Distinct, older for larger numbers. */
const idOf = (n: number): Id => idAt(now - n * stepMs, n % 1024, 1, n % 32)

function outboxes(posts: number): unknown {
  const index = createOutboxIndex({ maxBytes: roomy })
  const authors = Math.ceil(posts / postsPerAuthor)
  const numbers = index.numbersOf(Array.from({ length: authors }, (_, author) => idOf(author)))!
  for (const [author, number] of numbers.entries()) {
    const rows = Array.from({ length: postsPerAuthor }, (_, nth) => {
      const id = idOf(nth * authors + author)
      return { feed_id: id, post_id: id }
    })
    index.load(number, rows, false)
  }
  return index
}

/** What is known of somebody who has looked at `known.seen` posts by `known.authors` people. */
function viewer(number: number): unknown {
  const sums = createTasteSums()
  const seen = Array.from({ length: known.seen }, (_, nth) => {
    const post = {
      authorId: idOf(number * 7 + (nth % known.authors)),
      features: [`t:tag${nth % known.tags}`],
      kind: nth % 4,
    }
    const when = { at: now - nth * 3_600_000, localHour: nth % 24 }
    noteShown(sums, post, when, 4000)
    if (nth % 5 === 0) noteInteraction(sums, 'like', post, when)
    return { postId: idOf(number * 13 + nth), day: nth % 14 }
  })
  return { taste: tasteFrom(sums, 'Europe/Lisbon', now), seen: createSeenPosts(seen, []) }
}

process.on('message', (message: Fill | { type: 'stop' }) => {
  if (message.type === 'stop') process.exit(0)
  if (message.type !== 'fill') return
  const { what, count } = message
  held.push(what === 'posts' ? outboxes(count) : Array.from({ length: count }, (_, nth) => viewer(nth)))
  process.send?.({ type: 'filled' })
})
process.send?.({ type: 'ready', url: '' })
