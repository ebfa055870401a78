// What people feel about posts, and what they do about it. Only the doing can be seen by a ranker.
import {
  dot,
  hourMs,
  hoursApart,
  kinds,
  localHour,
  type Population,
  type SimulatedPost,
} from './ranking-population.ts'

export interface Reaction {
  dwellMs: number
  likes: boolean
  comments: boolean
  saves: boolean
  shares: boolean
  visits: boolean
  hides: boolean
  /** A hashtag of the post that was tapped. */
  tapped: string | null
}

export interface Behaviour {
  /** What does not change with time in the joy of a viewer about a post. */
  lasting(viewer: number, affinity: number, post: SimulatedPost): number
  /** In [0, 1]: how likely the viewer is glad to be shown a post now, for the first time. */
  joyAt(viewer: number, now: number): (lasting: number, post: SimulatedPost) => number
  /** The same whenever it is asked: chance is drawn by viewer and post. */
  react(viewer: number, affinity: number, post: SimulatedPost, joy: number): Reaction
  /** Whether one who has looked at the post in this place looks at the next. */
  goesOn(viewer: number, session: number, place: number): boolean
}

/** To have seen a post already leaves little of it. */
export const joyOfSeen = 0.05

export function createBehaviour({ seed, people, posts }: Population): Behaviour {
  const scale = measureInterest()

  function rawInterest(viewer: number, post: SimulatedPost): number {
    const { interest, kindTaste } = people[viewer]!
    return dot(interest, post.topic) + 0.06 * kindTaste[kinds.indexOf(post.kind)]!
  }

  /** Mean and deviation over pairs of people and posts, so that interest is worth as much as the others. */
  function measureInterest(): { mean: number; deviation: number } {
    const values = Array.from({ length: 2000 }, (_, i) =>
      rawInterest((i * 7) % people.length, posts[(i * 13) % posts.length]!),
    )
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    return { mean, deviation: Math.sqrt(variance) }
  }

  const interestOf = (viewer: number, post: SimulatedPost) =>
    (rawInterest(viewer, post) - scale.mean) / scale.deviation

  return {
    lasting(viewer, affinity, post) {
      const { wishes } = people[viewer]!
      return (
        wishes.interest * interestOf(viewer, post) +
        wishes.affinity * affinity +
        wishes.quality * post.quality +
        0.5 * normal(seed, viewer, post.index, 1)
      )
    },

    joyAt(viewer, now) {
      const person = people[viewer]!
      const { wishes } = person
      const fading = -Math.LN2 / (person.freshHalfLifeHours * hourMs)
      const filmTime = Math.cos((hoursApart(localHour(person, now), person.filmHour) / 24) * 2 * Math.PI)
      return (lasting, { at, kind }) => {
        const fresh = Math.exp(fading * (now - at))
        const wanted =
          lasting +
          wishes.freshness * ((fresh - 0.3) / 0.3) +
          wishes.mood * filmTime * (kind === 'video' ? 1 : -0.5)
        return 1 / (1 + Math.exp(1 - 1.5 * wanted))
      }
    },

    react(viewer, affinity, post, joy) {
      const person = people[viewer]!
      const chance = (salt: number) => even(seed, viewer, post.index, salt)
      const isClose = affinity > 1
      const [tag] = post.tags
      const length = post.kind === 'video' ? 1.5 : 1
      return {
        dwellMs: Math.round(
          (800 + 6000 * joy * Math.exp(0.4 * normal(seed, viewer, post.index, 2))) * length,
        ),
        likes: chance(3) < person.likingHabit * joy,
        comments: chance(4) < 0.08 * joy * (isClose ? 3 : 1),
        saves: chance(5) < 0.04 * joy,
        shares: chance(6) < 0.03 * joy,
        visits: chance(7) < (isClose ? 0.13 : 0.03) * joy,
        hides: chance(8) < 0.02 * (1 - joy) ** 3,
        tapped: tag !== undefined && chance(9) < (interestOf(viewer, post) > 0.5 ? 0.03 : 0.003) ? tag : null,
      }
    },

    goesOn: (viewer, session, place) =>
      even(seed, viewer, session * 64 + place, 10) < people[viewer]!.patience,
  }
}

/** Chance by what it is about, not by when it is asked: arms of a comparison meet the same people. */
function even(seed: number, a: number, b: number, salt: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
  for (const part of [a, b, salt]) {
    hash = Math.imul(hash ^ (part + 0x7f4a7c15 + (hash << 6)), 0xc2b2ae35)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296
}

function normal(seed: number, a: number, b: number, salt: number): number {
  const [u, v] = [even(seed, a, b, salt * 101), even(seed, a, b, salt * 101 + 50)]
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v)
}
