// A small town with its hidden tastes: drawn from latent factors that no ranker is shown. The same seed is the same town.
import { createRandom, createSampler, powerLaw, type Random } from './random.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const topics = 8
export const kinds = ['photo', 'video', 'carousel'] as const
export type Kind = (typeof kinds)[number]

export interface PopulationSize {
  people: number
  follows: number
  /** Posts were written before the first session. */
  daysBefore: number
  days: number
  /** Of an average author. */
  postsPerDay: number
}

/** What a person wants; sums of squares are 1, so that nobody's wishes are louder than another's. */
export interface Wishes {
  interest: number
  affinity: number
  quality: number
  freshness: number
  mood: number
}

export interface Person {
  zone: string
  /** Hours that clocks there are ahead of UTC, all week. */
  zoneHours: number
  /** Local hours at which this person is up and about most. */
  peaks: readonly [number, number]
  sessionsPerDay: number
  /** Chance to look at the next post. */
  patience: number
  likingHabit: number
  interest: Float64Array
  kindTaste: readonly number[]
  wishes: Wishes
  freshHalfLifeHours: number
  /** Local hour at which films are liked best. */
  filmHour: number
  /** As an author. */
  subjects: Float64Array
  postsPerDay: number
  filmShare: number
  carouselShare: number
  skill: number
}

export interface Follow {
  followed: number
  /** How close the followed feels, mean about 0, deviation about 1. */
  affinity: number
}

export interface SimulatedPost {
  index: number
  author: number
  at: number
  topic: Float64Array
  tags: readonly string[]
  kind: Kind
  quality: number
}

export interface Session {
  viewer: number
  at: number
}

export interface Population {
  seed: number
  start: number
  end: number
  people: Person[]
  follows: Follow[][]
  /** Oldest first. */
  posts: SimulatedPost[]
  sessions: Session[]
}

const zones: readonly (readonly [string, number])[] = [
  ['Europe/Berlin', 1],
  ['Europe/London', 0],
  ['America/New_York', -5],
  ['America/Los_Angeles', -8],
  ['Asia/Kolkata', 5.5],
  ['Asia/Tokyo', 9],
]

export function drawPopulation(size: PopulationSize, seed: number): Population {
  const random = createRandom(seed)
  // Monday, in a week in which no clock is changed.
  const start = Date.UTC(2026, 10, 9)
  const end = start + size.days * dayMs
  const people = Array.from({ length: size.people }, () => drawPerson(random, size))
  return {
    seed,
    start,
    end,
    people,
    follows: drawFriends(random, people, size.follows),
    posts: drawPosts(random, people, start - size.daysBefore * dayMs, end),
    sessions: people
      .flatMap((person, viewer) =>
        drawTimes(random, person, person.sessionsPerDay, start, end).map((at) => ({ viewer, at })),
      )
      .sort((a, b) => a.at - b.at),
  }
}

function drawPerson(random: Random, { postsPerDay }: PopulationSize): Person {
  const [zone, zoneHours] = zones[random.below(zones.length)]!
  const between = (low: number, high: number) => low + (high - low) * random.next()
  return {
    zone,
    zoneHours,
    peaks: [between(6, 10), between(18, 23)],
    sessionsPerDay: between(2, 6),
    patience: between(0.85, 0.97),
    likingHabit: between(0.05, 0.7),
    interest: drawShares(random, topics, 0.4),
    kindTaste: kinds.map(() => random.normal()),
    wishes: drawWishes(random),
    freshHalfLifeHours: 6 * 12 ** random.next(),
    filmHour: between(17, 25) % 24,
    subjects: drawShares(random, topics, 0.25),
    postsPerDay: postsPerDay * Math.exp(random.normal() * 0.8 - 0.32),
    filmShare: random.next() ** 2,
    carouselShare: between(0, 0.3),
    skill: random.normal(),
  }
}

/** The four alike, the mood of the hour as a lesser thing. */
function drawWishes(random: Random): Wishes {
  const [interest, affinity, quality, freshness] = [1, 2, 3, 4].map(() => gamma(random, 2)) as [
    number,
    number,
    number,
    number,
  ]
  const mood = gamma(random, 0.7)
  const length = Math.hypot(interest, affinity, quality, freshness, mood)
  return {
    interest: interest / length,
    affinity: affinity / length,
    quality: quality / length,
    freshness: freshness / length,
    mood: mood / length,
  }
}

/** Followed are the like-minded, the well-known and, both ways, a few friends. */
function drawFriends(random: Random, people: readonly Person[], perPerson: number): Follow[][] {
  const follows = people.map(() => new Map<number, number>())
  const friends = Math.max(1, Math.round(perPerson * 0.06))
  for (const [person] of people.entries())
    for (let i = 0; i < friends; i++) {
      const friend = random.below(people.length)
      if (friend === person) continue
      const closeness = 1.6 + 0.5 * random.normal()
      follows[person]!.set(friend, closeness)
      follows[friend]!.set(person, closeness + 0.3 * random.normal())
    }
  const wellKnown = createSampler(powerLaw(people.length, 0.8, 5))
  for (const [person, { interest }] of people.entries()) {
    const own = follows[person]!
    for (let tried = 0; own.size < perPerson && tried < perPerson * 50; tried++) {
      const followed = wellKnown(random)
      const likeness = dot(interest, people[followed]!.subjects)
      if (followed === person || own.has(followed) || random.next() > 0.25 + 2 * likeness) continue
      own.set(followed, -0.4 + 0.6 * random.normal())
    }
  }
  return follows.map((own) => Array.from(own, ([followed, affinity]) => ({ followed, affinity })))
}

function drawPosts(random: Random, people: readonly Person[], from: number, to: number): SimulatedPost[] {
  const drawTag = createSampler(powerLaw(12, 1, 1))
  return people
    .flatMap((person, author) =>
      drawTimes(random, person, person.postsPerDay, from, to).map((at) =>
        drawPost(random, person, author, at, drawTag),
      ),
    )
    .sort((a, b) => a.at - b.at)
    .map((post, index) => ({ ...post, index }))
}

function drawPost(
  random: Random,
  person: Person,
  author: number,
  at: number,
  drawTag: (random: Random) => number,
): Omit<SimulatedPost, 'index'> {
  const main = createSampler(person.subjects)(random)
  const beside = drawShares(random, topics, 0.3)
  const topic = beside.map((share, i) => 0.35 * share + (i === main ? 0.65 : 0))
  const chance = random.next()
  return {
    author,
    at,
    topic,
    tags: drawTags(random, main, drawTag),
    kind:
      chance < person.filmShare
        ? 'video'
        : chance < person.filmShare + person.carouselShare
          ? 'carousel'
          : 'photo',
    quality: 0.5 * person.skill + 0.87 * random.normal(),
  }
}

/** What can be seen of a topic: a fifth of all posts has no tags, a quarter of the tags says nothing. */
function drawTags(random: Random, main: number, drawTag: (random: Random) => number): string[] {
  if (random.next() < 0.2) return []
  const tags = Array.from({ length: 1 + random.below(4) }, () =>
    random.next() < 0.25 ? `any${random.below(30)}` : `topic${main}x${drawTag(random)}`,
  )
  return [...new Set(tags)]
}

/** Moments of a person's days: a Poisson process with two humps at this person's local hours. */
function drawTimes(random: Random, person: Person, perDay: number, from: number, to: number): number[] {
  const times: number[] = []
  const most = 3.2
  for (let at = from; ; ) {
    at += (-Math.log(1 - random.next()) / (perDay * most)) * dayMs
    if (at >= to) return times
    if (random.next() * most < rhythm(person, at)) times.push(Math.floor(at))
  }
}

/** About 1 over a day. */
function rhythm(person: Person, at: number): number {
  const hour = localHour(person, at)
  const hump = (peak: number) => Math.exp(-((hoursApart(hour, peak) / 2.5) ** 2))
  return 0.15 + 2.3 * Math.max(0.8 * hump(person.peaks[0]), hump(person.peaks[1]))
}

export function localHour({ zoneHours }: Person, at: number): number {
  return (((at / hourMs + zoneHours) % 24) + 24) % 24
}

export function hoursApart(a: number, b: number): number {
  const apart = Math.abs(a - b) % 24
  return Math.min(apart, 24 - apart)
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Dirichlet: shares that sum to 1; the smaller `concentration`, the fewer have most of it. */
function drawShares(random: Random, count: number, concentration: number): Float64Array {
  const parts = Float64Array.from({ length: count }, () => gamma(random, concentration) + 1e-9)
  const sum = parts.reduce((a, b) => a + b, 0)
  return parts.map((part) => part / sum)
}

/** Marsaglia and Tsang 2000. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
