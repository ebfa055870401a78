import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { halvesOf } from '#platform/ids/id-halves.ts'
import {
  type CandidateColumns,
  createCandidateColumns,
  featuresPerPost,
  isOwn,
  setAuthor,
} from '../candidate-columns.ts'
import { featureKey, featureKeys, featuresOf, mediaKindOf, secondsOf } from '../facts/feature-space.ts'
import { rank } from '../rank.ts'
import { type ReasonPost, reasonOf, usualAmong } from '../reasons/reasons.ts'
import { halfLivesMs } from '../weights.ts'
import { tasteFrom } from './taste.ts'
import {
  createTasteSums,
  faded,
  noteGiven,
  noteInteraction,
  noteReceived,
  noteSession,
  noteShown,
  noteTag,
} from './taste-sums.ts'

const now = Date.UTC(2026, 10, 26, 12)
const hourMs = 60 * 60 * 1000

describe('sums', () => {
  test('know a hashtag of a hundred letters wherever it is met', () => {
    const tag = '𐐨'.repeat(100)
    const sums = createTasteSums()
    noteTag(sums, tag, now)
    const features = featuresOf({ caption: '', hashtags: [tag], placeName: null })
    assert.deepEqual([...sums.features.keys()], features, 'tapped and posted are the same')
    const taste = tasteFrom(sums, 'UTC', now)
    assert.deepEqual(
      taste.features.keys.filter((key) => key !== 0),
      featureKeys(features).filter((key) => key !== 0),
    )
    assert.deepEqual([...taste.tags.keys()], [tag], 'and so are the words for it')
  })

  test('never have half a letter in the name of a place', () => {
    const [place] = featuresOf({ caption: '', hashtags: [], placeName: `a${'𐐨'.repeat(50)}` })
    assert.equal(place, `p:a${'𐐨'.repeat(39)}`)
  })

  test('come out the same in whatever order they are added', () => {
    const step = fc.record({
      like: fc.boolean(),
      author: fc.constantFrom('1', '2'),
      ago: fc.nat({ max: 5000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const tasteOf = (list: typeof steps) => {
          const sums = createTasteSums()
          for (const { like, author, ago } of list) {
            const post = { authorId: author, features: ['t:a'], kind: 0 }
            const when = { at: now - ago * hourMs, localHour: ago % 24 }
            if (like) noteInteraction(sums, 'like', post, when)
            else noteShown(sums, post, when)
          }
          return tasteFrom(sums, 'UTC', now)
        }
        const [one, other] = [tasteOf(steps), tasteOf(steps.toReversed())]
        for (const [id, { given, lift }] of one.authors) {
          assert.ok(Math.abs(given - other.authors.get(id)!.given) < 1e-9)
          assert.ok(Math.abs(lift - other.authors.get(id)!.lift) < 1e-9)
        }
      }),
    )
  })

  test('keep nothing of what was taken back, and no praise of a hide that was', () => {
    const kinds = ['like', 'comment', 'save', 'share', 'hide'] as const
    const act = fc.record({
      interaction: fc.constantFrom(...kinds),
      author: fc.constantFrom('1', '2'),
      kind: fc.nat({ max: 3 }),
      ago: fc.nat({ max: 2000 }),
    })
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 20 }), (acts) => {
        const sums = createTasteSums()
        for (const sign of [1, -1] as const)
          for (const { interaction, author, kind, ago } of acts) {
            const when = { at: now - ago * hourMs, localHour: ago % 24 }
            noteInteraction(sums, interaction, { authorId: author, features: ['t:a'], kind }, when, sign)
          }
        const left = [
          ...[...sums.authors.values()].map(({ given }) => faded(given, now, halfLivesMs.authors)),
          ...[...sums.features.values()].map(({ answered }) => faded(answered, now, halfLivesMs.features)),
          ...[...sums.rhythm.values()].map(({ answered }) => faded(answered, now, halfLivesMs.rhythm)),
        ]
        for (const sum of left) assert.ok(Math.abs(sum) < 1e-9, String(sum))
      }),
    )
  })

  test('never make an hour less than quiet, where a like is taken back in another time zone', () => {
    const sums = createTasteSums()
    const liked = { authorId: '1', features: [], kind: 0 }
    for (let i = 0; i < 100; i++) {
      noteInteraction(sums, 'like', liked, { at: now, localHour: 9 })
      noteInteraction(sums, 'like', liked, { at: now, localHour: 15 }, -1)
      noteShown(sums, liked, { at: now, localHour: 12 })
    }
    assert.ok(tasteFrom(sums, 'UTC', now).awake.every((hour) => hour >= 0 && hour <= 1))
  })

  test('stay finite for a person’s lifetime', () => {
    const sums = createTasteSums()
    const at = Date.UTC(2090, 0, 1)
    noteInteraction(sums, 'like', { authorId: '1', features: ['t:a'], kind: 0 }, { at, localHour: 0 })
    const { given, lift } = tasteFrom(sums, 'UTC', at).authors.get('1')!
    assert.ok(Math.abs(given - 1) < 1e-9 && Number.isFinite(lift))
  })

  test('a like that is taken back leaves no closeness', () => {
    const sums = createTasteSums()
    const post = { authorId: '1', features: ['t:a'], kind: 0 }
    noteInteraction(sums, 'like', post, { at: now, localHour: 12 })
    noteInteraction(sums, 'like', post, { at: now, localHour: 12 }, -1)
    noteReceived(sums, 'like', '1', now)
    noteReceived(sums, 'like', '1', now, -1)
    const { given, received } = tasteFrom(sums, 'UTC', now).authors.get('1')!
    assert.deepEqual([given, received], [0, 0])
  })
})

describe('features', () => {
  test('are hashtags, place and words that say something, each once, never a name or a link', () => {
    const features = featuresOf({
      caption: 'This SUNSET over the Harbour with @anna.b #Sunset https://example.org/long über Brücken',
      hashtags: ['sunset', 'sunset'],
      placeName: ' Lisbon ',
    })
    assert.deepEqual(features, ['t:sunset', 'p:lisbon', 'w:brücken', 'w:harbour'])
  })

  test('fit their places, whatever a caption holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300, size: 'max' }),
        fc.array(fc.string(), { maxLength: 40, size: 'max' }),
        (caption, hashtags) => {
          const features = featuresOf({ caption, hashtags, placeName: caption })
          assert.ok(features.length <= featuresPerPost)
          assert.equal(featureKeys(features).length, featuresPerPost)
          for (const feature of features) assert.ok(featureKey(feature) > 0 && featureKey(feature) < 65_536)
        },
      ),
    )
  })

  test('kinds and lengths of media', () => {
    const photo = { type: 'photo', durationSeconds: null } as const
    const video = (durationSeconds: number) => ({ type: 'video', durationSeconds }) as const
    assert.deepEqual([[photo], [photo, photo], [video(60)], [video(61)]].map(mediaKindOf), [
      'photo',
      'carousel',
      'short_video',
      'long_video',
    ])
    assert.deepEqual([[photo], [photo, photo], [video(60)], []].map(secondsOf), [4, 8, 60, 4])
  })
})

describe('reasons', () => {
  const postOf = (rows: CandidateColumns, row: number, authorId: string, hashtags: string[]): ReasonPost => ({
    author: halvesOf(authorId),
    authorName: 'Ana',
    flags: rows.authorFlags[rows.author[row]!]!,
    kind: rows.kind[row]!,
    publishedAt: rows.publishedAt[row]!,
    features: () => rows.features.subarray(rows.featuresAt[row]!, rows.featuresAt[row]! + featuresPerPost),
    hashtags: () => hashtags,
    likes: () => likes,
  })
  let likes = 4
  const textFrom = (json: Buffer) => JSON.parse(json.toString()) as string
  const columns = createCandidateColumns(1)
  columns.count = 1
  columns.authorCount = 1
  setAuthor(columns, 0, '1')
  columns.publishedAt[0] = now - 20 * hourMs
  const reason = (note: (sums: ReturnType<typeof createTasteSums>) => void, language: 'en' | 'de' = 'en') => {
    const sums = createTasteSums()
    note(sums)
    const taste = tasteFrom(sums, 'UTC', now)
    const scores = rank(columns, taste, now)
    const given = { taste, now, language, usual: usualAmong(scores, [0]) }
    return textFrom(reasonOf(scores, 0, postOf(columns, 0, '1', ['sunset']), given))
  }
  const post = { authorId: '1', features: ['t:sunset'], kind: 0 }
  const when = { at: now - hourMs, localHour: 11 }

  test('name what weighs most, in the viewer’s language', () => {
    const close = (sums: ReturnType<typeof createTasteSums>) => {
      for (let i = 0; i < 20; i++) noteInteraction(sums, 'like', { ...post, features: [] }, when)
    }
    assert.equal(reason(close), 'You often respond to Ana')
    assert.equal(reason(close, 'de'), 'Du reagierst oft auf Ana')
    const visited = (sums: ReturnType<typeof createTasteSums>) =>
      noteSession(sums, { startedAt: now - 30 * hourMs, lengthMs: 60_000 })
    assert.equal(reason(visited), 'New since your last visit')
    columns.quality[0] = 1
    columns.publishedAt[0] = now - 400 * hourMs
    assert.equal(
      reason(() => undefined),
      'Popular with people who saw it',
    )
    columns.quality[0] = 0
    assert.equal(
      reason(() => undefined),
      'You follow Ana',
    )
  })

  test('never say that somebody often responds to whom they only follow, visit or look at', () => {
    columns.publishedAt[0] = now - 400 * hourMs
    const plain = { ...post, features: [] }
    const follow = (sums: ReturnType<typeof createTasteSums>) => noteGiven(sums, 'follow', '1', now - hourMs)
    assert.equal(reason(follow), 'You follow Ana')
    const visit = (sums: ReturnType<typeof createTasteSums>) => {
      follow(sums)
      for (let i = 0; i < 3; i++) noteGiven(sums, 'profile_visit', '1', now - hourMs)
    }
    assert.equal(reason(visit), 'You follow Ana')
    const look = (sums: ReturnType<typeof createTasteSums>) => {
      visit(sums)
      for (let i = 0; i < 60; i++) noteShown(sums, plain, when, 10_000)
    }
    assert.doesNotMatch(reason(look), /respond/)
    const like = (sums: ReturnType<typeof createTasteSums>) => {
      follow(sums)
      for (let i = 0; i < 12; i++) {
        noteShown(sums, plain, when, 10_000)
        noteInteraction(sums, 'like', plain, when)
      }
    }
    assert.equal(reason(like), 'You often respond to Ana')
  })

  test('never call popular what hardly anybody but the viewer liked', () => {
    columns.publishedAt[0] = now - 400 * hourMs
    columns.quality[0] = 1
    const texts = [0, 1, 3, 4].map((count) => {
      likes = count
      return reason(() => undefined)
    })
    columns.quality[0] = 0
    assert.deepEqual(texts, [...Array(3).fill('You follow Ana'), 'Popular with people who saw it'])
  })

  test('never are that a post is recent, where all are and it stands out by something else', () => {
    const young = createCandidateColumns(20)
    young.count = 20
    young.authorCount = 20
    for (let row = 0; row < 20; row++) {
      young.author[row] = row
      setAuthor(young, row, String(row + 1))
      young.publishedAt[row] = now - 60_000 * (row + 1)
    }
    const sums = createTasteSums()
    for (let i = 0; i < 8; i++) noteInteraction(sums, 'like', { ...post, features: [] }, when)
    const taste = tasteFrom(sums, 'UTC', now)
    const scores = rank(young, taste, now)
    const usual = usualAmong(
      scores,
      Array.from({ length: 20 }, (_, row) => row),
    )
    const given = { taste, now, language: 'en', usual } as const
    const textOf = (row: number) =>
      textFrom(reasonOf(scores, row, postOf(young, row, String(row + 1), []), given))
    assert.equal(textOf(0), 'You often respond to Ana')
    assert.equal(textOf(1), 'Posted recently')
  })

  test('never tell that somebody else did something, and one’s own post is just that', () => {
    const theirs = (sums: ReturnType<typeof createTasteSums>) => {
      for (let i = 0; i < 50; i++) noteReceived(sums, 'comment', '1', now - hourMs)
    }
    assert.equal(reason(theirs), 'You follow Ana')
    columns.authorFlags[0] = isOwn
    assert.equal(reason(theirs), 'Your own post')
    columns.authorFlags[0] = 0
  })
})
