import type { Relationship } from '@heliograph/contract/accounts'
import type { Suggestion, SuggestionReason } from '@heliograph/contract/suggestions'
import { LRUCache } from 'lru-cache'
import type { AccountRow, AccountsApi, Relations } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { listRows, type Pair, pairs } from './pair-rows.ts'
import type { Sights } from './sights.ts'
import { type Candidate, chooseFollowees, rankCandidates } from './suggestions-ranking.ts'
import { findNewestFollows, findRefused, insertRefused } from './suggestions-repository.ts'
import type { ViewerRelations } from './viewer-relations.ts'
import { canSee, type Sight } from './visibility.ts'

export interface Suggestions {
  list(viewer: { id: Id }, limit: number): Promise<Suggestion[]>
  /** `from` does not want `to` again. */
  refuse(pair: Pair): Promise<void>
}

interface Kept {
  /** Another object after every change. */
  own: ViewerRelations
  candidates: readonly Candidate[]
  until: number
}

interface Deps {
  database: Database
  clock: Clock
  accounts: AccountsApi
  relations: Relations
  sights: Sights
}

// However many somebody follows, at most followees × follows rows are read of whom they follow, and the rules are asked
// about so many candidates.
const followeesLooked = 100
const followsLooked = 40
const candidatesLooked = 150
const followersLooked = 50

/** What was found for so many people is kept for so long; whom it shows is looked at each time. */
const keptViewers = 500
const keptMs = 5 * 60_000

const dayMs = 86_400_000
const named = 2

export function createSuggestions({ database, clock, accounts, relations, sights }: Deps): Suggestions {
  const kept = new LRUCache<Id, Kept>({ max: keptViewers })

  async function followsOf(ids: readonly Id[]): Promise<Map<Id, Iterable<Id>>> {
    const inMemory = new Map(ids.map((id) => [id, sights.peekRelations(id)?.following]))
    const others = ids.filter((id) => inMemory.get(id) === undefined)
    const read = await findNewestFollows(database.main, others, followsLooked)
    return new Map(ids.map((id) => [id, read.get(id) ?? newestOf(inMemory.get(id))]))
  }

  /** Found anew when anything about whom the viewer follows changes, else after a while. */
  async function findCandidates(viewer: { id: Id }): Promise<readonly Candidate[]> {
    const own = await sights.relationsOf(viewer.id)
    const before = kept.get(viewer.id)
    if (before?.own === own && before.until > clock.now()) return before.candidates
    const isOut = (id: Id) => id === viewer.id || own.following.has(id)
    const followees = chooseFollowees(own, followeesLooked, Math.floor(clock.now() / dayMs))
    const [follows, followers] = await Promise.all([
      followsOf(await openLists(viewer, followees)),
      listRows(database.main, pairs.follows.mirror, viewer.id, { before: null, limit: followersLooked }),
    ])
    const ranked = rankCandidates(follows, isOut, candidatesLooked)
    const known = new Set(ranked.map(({ id }) => id))
    const back = followers.filter(({ userId }) => !isOut(userId) && !known.has(userId))
    const candidates = [...ranked, ...back.map(({ userId }) => ({ id: userId, followedBy: [] }))]
    kept.set(viewer.id, { own, candidates, until: clock.now() + keptMs })
    return candidates
  }

  /** Whom somebody follows is only used where the viewer could read it in their list. */
  async function openLists(viewer: { id: Id }, ids: readonly Id[]): Promise<Id[]> {
    const sight = await sights.loadSight(viewer, ids)
    return ids.filter((authorId) => canSee(sight, { kind: 'list', authorId }))
  }

  /** Of those found a while ago: whose list is closed by now tells nothing any more. */
  async function withOpenReasons(viewer: { id: Id }, candidates: readonly Candidate[]): Promise<Candidate[]> {
    const named = new Set(candidates.flatMap(({ followedBy }) => followedBy))
    const open = new Set(await openLists(viewer, [...named]))
    return candidates.flatMap(({ id, followedBy }) => {
      const told = followedBy.filter((followeeId) => open.has(followeeId))
      return followedBy.length > 0 && told.length === 0 ? [] : [{ id, followedBy: told }]
    })
  }

  /** Leaves out everybody who must not, or need not, be suggested. */
  async function choose(
    viewer: { id: Id },
    candidates: readonly Candidate[],
  ): Promise<{ candidate: Candidate; relationship: Relationship }[]> {
    const ids = candidates.map(({ id }) => id)
    if (ids.length === 0) return []
    const [sight, relationships, refused] = await Promise.all([
      sights.loadSight(viewer, ids),
      relations.relationships(viewer.id, ids),
      findRefused(database.main, viewer.id, ids),
    ])
    return candidates.flatMap((candidate) => {
      const relationship = relationships.get(candidate.id)
      if (!relationship || refused.has(candidate.id)) return []
      return isSuggested(sight, candidate.id) && isNew(relationship) ? [{ candidate, relationship }] : []
    })
  }

  return {
    async list(viewer, limit) {
      const candidates = await withOpenReasons(viewer, await findCandidates(viewer))
      const chosen = (await choose(viewer, candidates)).slice(0, limit)
      const people = await accounts.findByIds(
        chosen.flatMap(({ candidate: { id, followedBy } }) => [id, ...followedBy.slice(0, named)]),
      )
      return chosen.flatMap(({ candidate, relationship }) => {
        const account = people.get(candidate.id)
        if (!account) return []
        return [
          {
            user: accounts.presentListItem(account, relationship),
            reason: reasonOf(accounts, candidate, people),
          },
        ]
      })
    },

    refuse: (pair) =>
      database.transaction((tx) => insertRefused(tx, { ...pair, now: new Date(clock.now()) }), {
        by: pair.from,
      }),
  }
}

function newestOf(following: ReadonlySet<Id> = new Set()): Id[] {
  return following.values().take(followsLooked).toArray()
}

/** Private accounts show nothing that a suggestion could be judged by: they are found by name. */
function isSuggested(sight: Sight, authorId: Id): boolean {
  return canSee(sight, { kind: 'post', authorId, status: 'ready' })
}

function isNew({ following, blocking, muting, restricting }: Relationship): boolean {
  return following === 'no' && !blocking && !restricting && muting.length === 0
}

function reasonOf(
  accounts: Pick<AccountsApi, 'presentSummary'>,
  { followedBy }: Candidate,
  people: ReadonlyMap<Id, AccountRow>,
): SuggestionReason {
  const shown = followedBy.slice(0, named).flatMap((id) => people.get(id) ?? [])
  if (shown.length === 0) return { kind: 'follows_you' }
  return {
    kind: 'followed_by',
    people: shown.map((account) => accounts.presentSummary(account)),
    others: followedBy.length - shown.length,
  }
}
