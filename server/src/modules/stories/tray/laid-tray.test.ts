import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Id } from '#platform/ids/ids.ts'
import { bytesOf, emptyTray, endedIn, type LaidTray, layTray, type NewRing } from './laid-tray.ts'
import { compareRings, type Ring } from './rings.ts'

const viewerId = '7'

function newRing(authorId: Id, more: Partial<Ring> = {}): NewRing {
  const ring: Ring = {
    ...{ authorId, stories: [], unseen: true, latestAt: 0, count: 1, closeFriends: false, degree: 0 },
    ...{ endsAt: 1000, ...more },
  }
  return { ring, text: JSON.stringify({ authorId, name: 'Ä'.repeat(Number(authorId) % 5), ...more }) }
}

const sent = (laid: LaidTray, max = Infinity): unknown => JSON.parse(`[${bytesOf(laid, max).join(',')}]`)

const anyRing = fc
  .record({
    authorId: fc.integer({ min: 1, max: 400 }).map(String),
    unseen: fc.boolean(),
    latestAt: fc.nat(50),
    degree: fc.nat(3),
    endsAt: fc.nat(1000),
  })
  .map(({ authorId, ...more }) => newRing(authorId, more))
const anyRings = (sizes: { minLength?: number; maxLength: number }) =>
  fc.uniqueArray(anyRing, { ...sizes, size: 'max', selector: ({ ring }) => ring.authorId })
const anyChange = fc.record({
  made: fc.oneof({ weight: 4, arbitrary: anyRings({ maxLength: 3 }) }, anyRings({ maxLength: 120 })),
  gone: fc.uniqueArray(fc.integer({ min: 1, max: 400 }).map(String), { maxLength: 6 }),
  closeness: fc.option(fc.nat(5), { freq: 4 }),
})

test('rings that change, go and come stand where a tray made anew has them, in any order', () => {
  fc.assert(
    fc.property(
      anyRings({ minLength: 150, maxLength: 300 }),
      fc.array(anyChange, { maxLength: 8 }),
      (all, changes) => {
        let laid = layTray(emptyTray, { viewerId, ids: new Set(), made: all })
        let known = all
        for (const { made, gone, closeness } of changes) {
          const ids = new Set([...gone, ...made.map(({ ring }) => ring.authorId)])
          const degreeOf = closeness === null ? undefined : (id: Id) => (Number(id) * closeness) % 4
          laid = layTray(laid, { viewerId, ids, made, degreeOf })
          const stayed = known.filter(({ ring }) => !ids.has(ring.authorId))
          known = [...stayed.map((one) => withDegree(one, degreeOf)), ...made]
          known.sort((a, b) => compareRings(a.ring, b.ring, viewerId))
          const wanted = known.map(({ text }) => JSON.parse(text))
          assert.deepEqual(sent(laid), wanted)
          assert.deepEqual(sent(laid, 70), wanted.slice(0, 70))
          const over = known.filter(({ ring }) => ring.endsAt <= 300)
          assert.deepEqual(
            endedIn(laid, 300),
            over.map(({ ring }) => ring.authorId),
          )
        }
      },
    ),
    { numRuns: 40 },
  )
})

function withDegree({ ring, text }: NewRing, degreeOf: ((id: Id) => number) | undefined): NewRing {
  return { text, ring: { ...ring, degree: degreeOf?.(ring.authorId) ?? ring.degree } }
}

test('one ring that moves leaves the bytes of all others where they are, but for those beside it', () => {
  const many = Array.from({ length: 1000 }, (_, at) => newRing(String(1000 + at), { latestAt: at }))
  const before = layTray(emptyTray, { viewerId, ids: new Set(), made: many })
  const ids = new Set(['1500'])
  const after = layTray(before, { viewerId, ids, made: [newRing('1500', { unseen: false })] })
  const stayed = after.blocks.filter((block) => before.blocks.includes(block))
  assert.ok(stayed.length >= before.blocks.length - 2, `${stayed.length} of ${before.blocks.length} blocks`)
})
