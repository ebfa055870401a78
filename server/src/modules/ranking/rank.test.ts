import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type CandidateColumns,
  createCandidateColumns,
  featuresPerPost,
  isFavourite,
  isOwn,
  mediaKinds,
  orderByScore,
  scoreParts,
  setAuthor,
} from './candidate-columns.ts'
import { featureKeys } from './facts/feature-space.ts'
import { noAttention, type PostAttention, qualityOf } from './facts/quality.ts'
import { halfLifeOf, rank } from './rank.ts'
import { createEmptyTaste, type Taste, tasteFrom } from './tastes/taste.ts'
import {
  createTasteSums,
  noteInteraction,
  noteReceived,
  noteSession,
  noteShown,
  noteTag,
} from './tastes/taste-sums.ts'
import { rankingWeights } from './weights.ts'

const hourMs = 60 * 60 * 1000
const now = Date.UTC(2026, 10, 26, 12)

interface Candidate {
  author: string
  flags: number
  ageMs: number
  kind: number
  seconds: number
  features: string[]
  quality: number
  seen: number
}

const plain: Candidate = {
  author: '1',
  flags: 0,
  ageMs: hourMs,
  kind: 0,
  seconds: 4,
  features: [],
  quality: 0.5,
  seen: 0,
}

function columnsOf(candidates: readonly Partial<Candidate>[]): CandidateColumns {
  const columns = createCandidateColumns(candidates.length)
  const authors: string[] = []
  for (const given of candidates) {
    const each = { ...plain, ...given }
    const row = columns.count++
    let author = authors.indexOf(each.author)
    if (author < 0) {
      author = authors.push(each.author) - 1
      setAuthor(columns, author, each.author, each.flags)
      columns.authorCount = authors.length
    }
    columns.author[row] = author
    columns.publishedAt[row] = now - each.ageMs
    columns.kind[row] = each.kind
    columns.seconds[row] = each.seconds
    columns.features.set(featureKeys(each.features), row * featuresPerPost)
    columns.quality[row] = each.quality
    columns.seen[row] = each.seen
  }
  return columns
}

const when = { at: now - hourMs, localHour: 11 }
const postBy = (authorId: string, features: string[] = [], kind = 0) => ({ authorId, features, kind })

function tasteOf(note: (sums: ReturnType<typeof createTasteSums>) => void, zone = 'UTC'): Taste {
  const sums = createTasteSums()
  note(sums)
  return tasteFrom(sums, zone, now)
}

const candidate: fc.Arbitrary<Candidate> = fc.record({
  author: fc.nat({ max: 9 }).map(String),
  flags: fc.constant(0),
  ageMs: fc.integer({ min: -hourMs, max: 400 * 24 * hourMs }),
  kind: fc.nat({ max: mediaKinds.length - 1 }),
  seconds: fc.float({ min: 0, max: 3600, noNaN: true }),
  features: fc.array(fc.constantFrom('t:sunset', 't:cats', 'p:lisbon', 'w:harbour', 'w:window'), {
    maxLength: 12,
    size: 'max',
  }),
  quality: fc.float({ min: 0, max: 1, noNaN: true }),
  seen: fc.nat({ max: 255 }),
})

const anyTaste: fc.Arbitrary<Taste> = fc
  .array(
    fc.record({
      what: fc.constantFrom('shown', 'like', 'hide', 'share', 'received', 'tag', 'session'),
      author: fc.nat({ max: 9 }).map(String),
      feature: fc.constantFrom('t:sunset', 't:cats', 'p:lisbon'),
      kind: fc.nat({ max: 3 }),
      ago: fc.integer({ min: 0, max: 700 * 24 }),
    }),
    { maxLength: 60, size: 'max' },
  )
  .map((steps) =>
    tasteOf((sums) => {
      for (const { what, author, feature, kind, ago } of steps) {
        const at = now - ago * hourMs
        const post = postBy(author, [feature], kind)
        const moment = { at, localHour: ago % 24 }
        if (what === 'shown') noteShown(sums, post, moment, ago * 100)
        else if (what === 'received') noteReceived(sums, 'like', author, at)
        else if (what === 'tag') noteTag(sums, 'cats', at)
        else if (what === 'session') noteSession(sums, { startedAt: at, lengthMs: ago * 1000 })
        else noteInteraction(sums, what as 'like' | 'hide' | 'share', post, moment)
      }
    }, 'Europe/Berlin'),
  )

describe('ranking', () => {
  test('every part and every score is in [0,1], whatever is known and whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { minLength: 1, maxLength: 30, size: 'max' }),
        anyTaste,
        (candidates, taste) => {
          const scores = rank(columnsOf(candidates), taste, now)
          for (const part of [...scoreParts, 'score' as const])
            for (const value of scores[part]) assert.ok(value >= 0 && value <= 1, `${part} is ${value}`)
        },
      ),
    )
  })

  test('what one viewer likes leaves nothing behind for the next, and the same question has the same answer', () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { minLength: 1, maxLength: 20, size: 'max' }),
        anyTaste,
        anyTaste,
        (some, one, other) => {
          const columns = columnsOf(some)
          const before = rank(columns, one, now)
          rank(columns, other, now)
          assert.deepEqual(rank(columns, one, now), before)
        },
      ),
    )
  })

  test('the score is the weighted mean of the parts, and other weights are taken for one call', () => {
    const columns = columnsOf([{ quality: 0.9, ageMs: 90 * hourMs }, { quality: 0.2 }])
    const taste = createEmptyTaste('UTC', now, true)
    const byQuality = {
      ...rankingWeights,
      parts: { relationship: 0, interest: 0, recency: 0, quality: 1, activity: 0 },
    }
    const arm = rank(columns, taste, now, byQuality)
    assert.deepEqual([...arm.score], [...arm.quality])
    assert.deepEqual([...orderByScore(columns, arm)], [0, 1])
    assert.deepEqual([...orderByScore(columns, rank(columns, taste, now))], [1, 0])
  })

  test('of equals the one that was put in first stands first', () => {
    const columns = columnsOf([{ quality: 0.1 }, {}, {}, {}, { quality: 0.9 }])
    const scores = rank(columns, createEmptyTaste('UTC', now, false), now)
    assert.deepEqual([...orderByScore(columns, scores)], [4, 1, 2, 3, 0])
  })

  test('without personalisation nothing personal counts, not even what is written into the taste', () => {
    const columns = columnsOf([{ author: '1', features: ['t:cats'] }, { author: '2' }])
    const known = tasteOf((sums) => noteInteraction(sums, 'like', postBy('1', ['t:cats']), when))
    const scores = rank(columns, { ...known, isPersonal: false }, now)
    assert.deepEqual([...scores.relationship, ...scores.interest, ...scores.activity], [0, 0, 0, 0, 0, 0])
    assert.equal(scores.score[0], scores.score[1])
  })

  test('a seen post sinks each time it was seen, and never vanishes', () => {
    const columns = columnsOf([0, 1, 2, 3, 200].map((seen) => ({ seen })))
    const { score } = rank(columns, createEmptyTaste('UTC', now, true), now)
    for (let row = 1; row < 5; row++) assert.ok(score[row]! <= score[row - 1]!)
    assert.ok(score[1]! < score[0]! && score[2]! < score[1]! && score[4]! > 0)
  })
})

describe('relationship', () => {
  const partOf = (taste: Taste, flags = 0) =>
    rank(columnsOf([{ author: '7', flags }]), taste, now).relationship[0]!

  test('grows with each interaction, less each time, and with theirs towards the viewer', () => {
    const after = (likes: number) =>
      partOf(
        tasteOf((sums) => {
          for (let i = 0; i < likes; i++) noteInteraction(sums, 'like', postBy('7'), when)
        }),
      )
    const parts = [0, 1, 2, 4, 8, 16, 32].map(after)
    for (let at = 1; at < parts.length; at++) assert.ok(parts[at]! > parts[at - 1]!)
    const received = partOf(tasteOf((sums) => noteReceived(sums, 'comment', '7', now - hourMs)))
    assert.ok(received > after(0))
    const given = partOf(tasteOf((sums) => noteInteraction(sums, 'comment', postBy('7'), when)))
    assert.ok(received < given, 'what others do towards me counts less than what I do')
  })

  test('fades with time, and a hidden post weakens it', () => {
    const at = (days: number) =>
      partOf(
        tasteOf((sums) => {
          const then = { at: now - days * 24 * hourMs, localHour: 11 }
          for (let i = 0; i < 3; i++) noteInteraction(sums, 'like', postBy('7'), then)
        }),
      )
    assert.ok(at(0) > at(10) && at(10) > at(100))
    const hidden = tasteOf((sums) => {
      for (let i = 0; i < 3; i++) noteInteraction(sums, 'like', postBy('7'), when)
      noteInteraction(sums, 'hide', postBy('7'), when)
    })
    assert.ok(partOf(hidden) < at(0))
  })

  test('an author who is shown and never answered stands below one who is new', () => {
    const ignored = tasteOf((sums) => {
      for (let i = 0; i < 20; i++) noteShown(sums, postBy('7'), when)
    })
    assert.ok(partOf(ignored) < partOf(tasteOf(() => undefined)))
  })

  test('a favourite stands higher, and one’s own posts gain nothing from whatever one did to them', () => {
    const taste = tasteOf((sums) => noteInteraction(sums, 'like', postBy('7'), when))
    assert.ok(partOf(taste, isFavourite) > partOf(taste))
    const excited = tasteOf((sums) => {
      for (let i = 0; i < 50; i++) noteInteraction(sums, 'like', postBy('7'), when)
    })
    assert.equal(partOf(taste, isOwn), partOf(excited, isOwn))
  })
})

describe('interest', () => {
  const interestIn = (features: string[], taste: Taste, kind = 0) =>
    rank(columnsOf([{ features, kind }]), taste, now).interest[0]!

  test('is higher for hashtags, places and words of posts that were answered, lower for those that were hidden', () => {
    const taste = tasteOf((sums) => {
      for (let i = 0; i < 10; i++) {
        noteShown(sums, postBy('1', ['t:cats']), when)
        noteShown(sums, postBy('1', ['t:cars']), when)
        noteShown(sums, postBy('1', ['w:harbour', 'p:lisbon']), when)
      }
      for (let i = 0; i < 6; i++) noteInteraction(sums, 'like', postBy('1', ['t:cats']), when)
      noteInteraction(sums, 'hide', postBy('1', ['t:cars']), when)
    })
    assert.ok(interestIn(['t:cats'], taste) > interestIn(['t:unheard'], taste))
    assert.ok(interestIn(['t:unheard'], taste) > interestIn(['t:cars'], taste))
    assert.ok(interestIn(['t:cats'], taste) > interestIn(['t:cats', 't:cars'], taste))
  })

  test('in a tapped hashtag grows; and likeness does not grow by filling a caption with other things', () => {
    const taste = tasteOf((sums) => noteTag(sums, 'cats', now - hourMs))
    assert.ok(interestIn(['t:cats'], taste) > interestIn(['t:dogs'], taste))
    assert.ok(interestIn(['t:cats', 't:a', 't:b', 't:c'], taste) < interestIn(['t:cats'], taste))
  })

  test('does not depend on the order of hashtags', () => {
    const taste = tasteOf((sums) => {
      noteInteraction(sums, 'like', postBy('1', ['t:a', 'w:window']), when)
      noteShown(sums, postBy('1', ['t:b']), when)
    })
    assert.ok(Math.abs(interestIn(['t:a', 't:b'], taste) - interestIn(['t:b', 't:a'], taste)) < 1e-6)
  })

  test('in the kind of media that is answered most', () => {
    const taste = tasteOf((sums) => {
      for (let i = 0; i < 20; i++) for (const kind of [0, 2]) noteShown(sums, postBy('1', [], kind), when)
      for (let i = 0; i < 10; i++) noteInteraction(sums, 'like', postBy('1', [], 2), when)
    })
    assert.ok(interestIn([], taste, 2) > interestIn([], taste, 1))
    assert.ok(interestIn([], taste, 1) > interestIn([], taste, 0))
  })
})

describe('recency', () => {
  const at = (ageMs: number, taste: Taste, moment = now) =>
    rank({ ...columnsOf([{}]), publishedAt: Float64Array.of(moment - ageMs) }, taste, moment).recency[0]!
  const regular = (gapHours: number) =>
    tasteOf((sums) => {
      for (let i = 10; i > 0; i--)
        noteSession(sums, { startedAt: now - i * gapHours * hourMs, lengthMs: 300_000 })
    })

  test('never grows with age, over a year, with clocks changed in between', () => {
    const taste = createEmptyTaste('Europe/Berlin', now, true)
    let last = 1
    for (let hours = 0; hours < 365 * 24; hours += 3) {
      const value = at(hours * hourMs, taste)
      assert.ok(value <= last)
      last = value
    }
    assert.equal(at(0, taste), 1)
    assert.equal(at(-hourMs, taste), 1, 'clocks differ: what comes from the future is new')
  })

  test('follows the viewer’s own rhythm, within bounds', () => {
    assert.ok(at(24 * hourMs, regular(48)) > at(24 * hourMs, regular(3)))
    const { minHalfLifeMs, maxHalfLifeMs } = rankingWeights.recency
    assert.equal(halfLifeOf(regular(0.01), now, rankingWeights), minHalfLifeMs)
    assert.equal(halfLifeOf(regular(24 * 60), now, rankingWeights), maxHalfLifeMs)
  })

  test('after an absence what was posted meanwhile is not yet old', () => {
    const away = tasteOf((sums) => {
      for (let i = 10; i > 0; i--)
        noteSession(sums, { startedAt: now - (96 + i * 3) * hourMs, lengthMs: 300_000 })
    })
    assert.ok(at(48 * hourMs, away) > 2 * at(48 * hourMs, regular(3)))
  })

  test('hours of the viewer’s night count less, by the viewer’s clock', () => {
    const seven = Date.UTC(2026, 10, 26, 7)
    const overNight = at(7 * hourMs, createEmptyTaste('UTC', now, true), seven)
    const overDay = at(7 * hourMs, createEmptyTaste('Asia/Tokyo', now, true), seven)
    assert.ok(overNight > overDay)
  })
})

describe('quality', () => {
  const attention: fc.Arbitrary<PostAttention> = fc.record({
    likes: fc.nat({ max: 1_000_000 }),
    comments: fc.nat({ max: 100_000 }),
    shares: fc.nat({ max: 100_000 }),
    impressions: fc.nat({ max: 10_000_000 }),
    dwellMs: fc.nat(),
    dwells: fc.nat({ max: 1_000_000 }),
    moderation: fc.float({ min: 0, max: 1, noNaN: true }),
  })

  test('is in [0,1]; more answers or longer looks never lower it, more impressions and suspicion never raise it', () => {
    fc.assert(
      fc.property(attention, fc.constantFrom('likes', 'comments', 'shares', 'dwellMs'), (post, what) => {
        const value = qualityOf(post)
        assert.ok(value >= 0 && value <= 1)
        assert.ok(qualityOf({ ...post, [what]: post[what] + 1 }) >= value - 1e-12)
        assert.ok(qualityOf({ ...post, impressions: post.impressions + 1 }) <= value + 1e-12)
        assert.ok(qualityOf({ ...post, moderation: Math.min(1, post.moderation + 0.1) }) <= value)
      }),
    )
  })

  test('of one like on one impression stays below a thousand on two thousand', () => {
    const lucky = qualityOf({ ...noAttention, likes: 1, impressions: 1 })
    const proven = qualityOf({ ...noAttention, likes: 1000, impressions: 2000 })
    assert.ok(lucky > qualityOf(noAttention) && lucky < proven)
  })
})

describe('activity', () => {
  test('never puts all posts on one step: another kind, length or author reorders', () => {
    const taste = tasteOf((sums) => {
      for (let i = 0; i < 20; i++)
        for (const kind of [0, 3])
          for (const localHour of [12, 20]) {
            noteShown(sums, postBy('1', [], kind), { at: now - hourMs, localHour })
            if ((localHour === 12) === (kind === 0))
              noteInteraction(sums, 'like', postBy('1', [], kind), { at: now - hourMs, localHour })
          }
      for (let i = 0; i < 5; i++) noteSession(sums, { startedAt: now - (9 - i) * hourMs, lengthMs: 120_000 })
    })
    const columns = columnsOf([{ kind: 0 }, { kind: 3 }])
    const noon = rank(columns, taste, now).activity
    const evening = rank(columns, taste, now + 8 * hourMs).activity
    assert.ok(noon[0]! > noon[1]! && evening[1]! > evening[0]!, 'each hour has its kinds')
    const lengths = rank(columnsOf([{ seconds: 4 }, { seconds: 600 }]), taste, now).activity
    assert.ok(lengths[0]! > lengths[1]!)
  })

  test('long videos fit long sessions better than short ones', () => {
    const sessions = (lengthMs: number) =>
      tasteOf((sums) => {
        for (let i = 5; i > 0; i--) noteSession(sums, { startedAt: now - i * 24 * hourMs, lengthMs })
      })
    const loss = (taste: Taste) => {
      const { activity } = rank(columnsOf([{ seconds: 4 }, { seconds: 300 }]), taste, now)
      return activity[0]! - activity[1]!
    }
    assert.ok(loss(sessions(60 * 60_000)) < loss(sessions(2 * 60_000)))
  })

  test('who likes rarely is shown those they like, who likes often what is liked', () => {
    const liking = (every: number) =>
      tasteOf((sums) => {
        for (let i = 0; i < 200; i++) {
          noteShown(sums, postBy(String(i % 5)), when)
          if (i % every === 0) noteInteraction(sums, 'like', postBy('0'), when)
        }
      })
    const lead = (taste: Taste) => {
      const { activity } = rank(
        columnsOf([
          { author: '0', quality: 0.2 },
          { author: '4', quality: 0.9 },
        ]),
        taste,
        now,
      )
      return activity[0]! - activity[1]!
    }
    assert.ok(lead(liking(40)) > lead(liking(2)))
  })
})
