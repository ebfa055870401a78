import { createRandom, createSampler, powerLaw } from './random.ts'

/** Everybody is a number from 0; low numbers are well known. */
export interface FollowGraph {
  people: number
  follows: number
  /** Where each person's followees begin in `followees`; one more entry than people. */
  starts: Int32Array
  followees: Int32Array
}

export interface GraphSize {
  people: number
  follows: number
  /** People whose number of follows is exact: those who read in the measurements. */
  readers: readonly { follows: number; count: number }[]
}

/** Half of all follow this one. */
export const celebrity = 0
export const obscureFollowers = 5

/** Followed by five readers, and by nobody else. */
export function obscureOf({ people }: { people: number }): number {
  return people - 1
}

/** Readers stand together in the middle, neither known nor unknown. */
export function readersOf({ people, readers }: GraphSize): { follows: number; person: number }[] {
  // An even number, so that they are of the half that follows the celebrity.
  let person = Math.floor(people / 4) * 2
  return readers.flatMap(({ follows, count }) =>
    Array.from({ length: count }, () => {
      person += 2
      return { follows, person }
    }),
  )
}

/** Followers by a power law, follows by a log-normal law: many of some, few of most. */
export function drawFollows(size: GraphSize, seed: number): FollowGraph {
  const { people, follows } = size
  const random = createRandom(seed)
  const degrees = drawDegrees(size, seed + 1)
  const known = powerLaw(people, 0.8)
  known[celebrity] = 0
  known[obscureOf(size)] = 0
  const sample = createSampler(known)
  const readers = readersOf(size).map(({ person }) => person)
  const followObscure = new Set(readers.slice(0, obscureFollowers))

  const starts = new Int32Array(people + 1)
  const followees = new Int32Array(follows)
  const taken = new Int32Array(people).fill(-1)
  let end = 0
  for (let person = 0; person < people; person++) {
    starts[person] = end
    const stop = end + degrees[person]!
    const follow = (followed: number) => {
      if (end === stop || followed === person || taken[followed] === person) return
      taken[followed] = person
      followees[end++] = followed
    }
    if (followsCelebrity(person)) follow(celebrity)
    if (followObscure.has(person)) follow(obscureOf(size))
    while (end < stop) follow(sample(random))
    followees.subarray(starts[person], end).sort()
  }
  starts[people] = end
  return { people, follows: end, starts, followees }
}

/** Every second one, and the first odd one in the place of the celebrity itself: exactly half. */
function followsCelebrity(person: number): boolean {
  return person % 2 === 0 || person === 1
}

function drawDegrees(size: GraphSize, seed: number): Int32Array {
  const { people, follows } = size
  const random = createRandom(seed)
  const exact = new Map(readersOf(size).map(({ person, follows: wanted }) => [person, wanted]))
  const drawn = Float64Array.from({ length: people }, () => Math.exp(random.normal() * 0.8))
  let free = 0
  for (let person = 0; person < people; person++) if (!exact.has(person)) free += drawn[person]!
  let left = follows
  for (const wanted of exact.values()) left -= wanted
  const scale = left / free
  // Nobody follows more than a third: drawing others that are not followed yet must stay quick.
  const most = Math.floor(people / 3)
  const degrees = Int32Array.from(
    { length: people },
    (_, person) => exact.get(person) ?? Math.min(most, Math.max(1, Math.round(drawn[person]! * scale))),
  )
  let missing = follows - degrees.reduce((sum, degree) => sum + degree, 0)
  while (missing !== 0) {
    const person = random.below(people)
    const step = Math.sign(missing)
    const next = degrees[person]! + step
    if (exact.has(person) || next < 1 || next > most) continue
    degrees[person] = next
    missing -= step
  }
  return degrees
}

/** The same follows, by the followed. */
export function turnAround({ people, follows, starts, followees }: FollowGraph): FollowGraph {
  const turned = new Int32Array(people + 1)
  for (let i = 0; i < follows; i++) turned[followees[i]! + 1]!++
  for (let person = 0; person < people; person++) turned[person + 1]! += turned[person]!
  const next = turned.slice()
  const followers = new Int32Array(follows)
  for (let person = 0; person < people; person++)
    for (let i = starts[person]!; i < starts[person + 1]!; i++) followers[next[followees[i]!]!++] = person
  return { people, follows, starts: turned, followees: followers }
}
