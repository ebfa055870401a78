import type { AccountRow } from '#modules/accounts'
import { asFollowerOf, canSee, mutes, type SightOver } from '#modules/graph'
import { fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import type { ViewerMarks } from '../marks/viewer-marks.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import { canSeeComment, canSeePost } from '../posts-policy.ts'
import type { PostRow } from '../posts-rows.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'
import type { PageOptions, PageRequest, PostsPresenter } from '../presenting/posts-presenter.ts'
import { commentsShown } from '../presenting/posts-view.ts'
import {
  type CommentFragment,
  isFor,
  type PostFragment,
  readerTailOf,
  showsPeopleAsTheyAre,
} from './card-fragment.ts'
import type { CardRow, Fragments } from './fragments.ts'
import { type Card, type ChosenFragment, cardOfPost, FragmentCard } from './written-cards.ts'

export interface CardsPage<Row> {
  cards: Card[]
  /** The row that each card stands for. */
  rows: Row[]
  nextPosition: readonly string[] | null
  /** The first row behind the page that the reader may see, where one was met. */
  following: Row | null
}

/** The same page that `presentPage` gives, field for field. Nothing is waited for when all of it is in memory. */
export type PresentCards = <Row extends CardRow>(
  reader: Reader,
  skeleton: Skeleton<Row>,
  request: PageRequest,
  options?: PageOptions,
) => Soon<CardsPage<Row>>

/**
 * Whether the reader may see any of a list, which is read on with each call. Looks nearly always at one row; what the rules leave out
 * does not count, however much of it there is.
 */
export type ShowsAny = <Row extends CardRow>(
  reader: Reader,
  rows: { read(position: null, count: number): Soon<Row[]> },
  options?: PageOptions,
) => Soon<boolean>

export interface Cards {
  presentCards: PresentCards
  showsAny: ShowsAny
}

type Deps = Pick<PostsDeps, 'clock' | 'accounts' | 'graph'> & {
  fragments: Fragments
  marks: ViewerMarks
  gate: PostsGate
  presenter: PostsPresenter
}

/** What is shown of a post: its pieces, or its row, for those that go the long way round. */
type Choice = ChosenFragment | { readonly row: PostRow }

/** Fragments that show everything as it is now, one for each post or none, and how the reader stands to all in them. */
interface FoundFragments {
  readonly found: readonly (PostFragment | undefined)[]
  readonly sightOf: (fragment: PostFragment) => SightOver
  /** What is found is shown to this reader as it stands; false: each has to be asked about. */
  readonly isForReader: (fragment: PostFragment) => boolean
}

/** Twice as many rows in each turn, from one on, up to so many. */
const lookedAtMax = 256

/** Whoever is in a card is looked at again after this at the latest. */
const settledMs = 60_000

export function createCards(deps: Deps): Cards {
  const { clock, accounts, graph, fragments, marks, gate, presenter } = deps

  function findFragments(reader: Reader, rows: readonly CardRow[]): Soon<FoundFragments> {
    const found = fragments.peek(reader, rows)
    return (found && peekSettled(reader, found)) ?? loadFragments(reader, rows)
  }

  async function loadFragments(reader: Reader, rows: readonly CardRow[]): Promise<FoundFragments> {
    const postIds = rows.map((row) => row.post_id)
    let found = await fragments.load(reader, postIds)
    let version = accounts.peekVersion()
    let people = await findPeople(reader, found)
    const stale = [...found.values()].filter((fragment) => !isFresh(fragment, people.accounts))
    if (stale.length > 0) {
      for (const { post } of stale) fragments.drop(post.id)
      found = await fragments.load(reader, postIds)
      version = accounts.peekVersion()
      people = await findPeople(reader, found)
      for (const [id, fragment] of found) if (!isFresh(fragment, people.accounts)) found.delete(id)
    }
    if (version !== undefined) for (const fragment of found.values()) settle(fragment, version)
    return {
      found: postIds.map((id) => found.get(id)),
      sightOf: () => people.sight,
      isForReader: () => false,
    }
  }

  /** Nothing was heard of anybody in these since they were looked through. */
  function peekSettled(reader: Reader, found: readonly PostFragment[]): FoundFragments | undefined {
    const version = accounts.peekVersion()
    const sight = graph.peekSightOver(reader)
    if (version === undefined || sight === undefined) return undefined
    const second = Math.floor(clock.now() / 1000)
    for (const { settled } of found) {
      if (settled?.accountsVersion !== version || second >= settled.untilSecond) return undefined
      if (!sight.isKnown(settled.authorsVersion)) return undefined
    }
    return {
      found,
      sightOf: ({ settled }) => sight.over(settled!.authors)!,
      isForReader: ({ settled, post }) =>
        sight.isUnhindered &&
        (settled!.isForEverybody || (settled!.isForFollowers && sight.follows(post.author_id))),
    }
  }

  function settle(fragment: PostFragment, accountsVersion: number): void {
    const authors = graph.peekAuthors(fragment.personIds)
    const visitor = authors && graph.peekSightOver(null)?.over(authors)
    if (!visitor) return
    const isAsItStandsFor = (sight: SightOver) => {
      const comments = shownComments(sight, fragment)
      return (
        canSeePost(sight, fragment.post) &&
        areShownWhole(sight, fragment, comments) &&
        areAsTheyStand(fragment, comments)
      )
    }
    fragment.settled = {
      accountsVersion,
      authors,
      authorsVersion: authors.version,
      isForEverybody: isAsItStandsFor(visitor),
      isForFollowers: isAsItStandsFor(asFollowerOf(visitor, fragment.post.author_id)),
      untilSecond: Math.floor(Math.min(fragment.freshUntil, clock.now() + settledMs) / 1000),
    }
  }

  async function findPeople(reader: Reader, found: ReadonlyMap<Id, PostFragment>) {
    const ids = new Set<Id>()
    for (const { personIds } of found.values()) for (const id of personIds) ids.add(id)
    return {
      accounts: accounts.peekByIds(ids) ?? (await accounts.findByIds(ids)),
      sight: graph.peekSight(reader, ids) ?? (await graph.loadSight(reader, ids)),
    }
  }

  const isFresh = (fragment: PostFragment, people: ReadonlyMap<Id, AccountRow>) =>
    clock.now() < fragment.freshUntil && showsPeopleAsTheyAre(fragment, people)

  /** The rules, for each row: undefined where a post is not for this reader. */
  function choose(
    reader: Reader,
    rows: readonly CardRow[],
    options: PageOptions,
  ): Soon<(Choice | undefined)[]> {
    return whenThere(findFragments(reader, rows), ({ found, sightOf, isForReader }) => {
      const others: number[] = []
      const readerTail = readerTailOf(reader)
      const choices = found.map((fragment, at): Choice | undefined => {
        if (fragment && isFor(reader, fragment, readerTail) && !seesMore(reader, fragment)) {
          if (isForReader(fragment)) return { fragment, comments: null }
          const sight = sightOf(fragment)
          if (!canSeePost(sight, fragment.post)) return undefined
          if (options.leaveOutMuted && mutes(sight, fragment.post.author_id)) return undefined
          const comments = shownComments(sight, fragment)
          if (areShownWhole(sight, fragment, comments))
            return { fragment, comments: areAsTheyStand(fragment, comments) ? null : comments }
        }
        others.push(at)
        return undefined
      })
      return others.length === 0 ? choices : chooseRows(reader, rows, options, { choices, others })
    })
  }

  async function chooseRows(
    reader: Reader,
    rows: readonly CardRow[],
    { leaveOutMuted = false }: PageOptions,
    { choices, others }: { choices: (Choice | undefined)[]; others: readonly number[] },
  ): Promise<(Choice | undefined)[]> {
    const ids = others.map((at) => rows[at]!.post_id)
    const visible = await gate.findVisible(reader, ids, { leaveOutMuted })
    const byId = new Map(visible.map((row) => [row.id, row]))
    for (const [nth, at] of others.entries()) {
      const row = byId.get(ids[nth]!)
      if (row) choices[at] = { row }
    }
    return choices
  }

  function present(reader: Reader, choices: readonly Choice[]): Soon<(Card | undefined)[]> {
    const quick: Id[] = []
    for (const choice of choices) if ('fragment' in choice) quick.push(choice.fragment.post.id)
    if (quick.length < choices.length) return presentAll(reader, choices, quick)
    const marked = reader && marks.peek(reader.id, quick)
    if (marked === undefined) return presentAll(reader, choices, quick)
    const readerTail = readerTailOf(reader)
    return choices.map((choice) => new FragmentCard(reader, choice as ChosenFragment, marked, readerTail))
  }

  async function presentAll(
    reader: Reader,
    choices: readonly Choice[],
    quick: readonly Id[],
  ): Promise<(Card | undefined)[]> {
    const marked = reader && (await marks.load(reader.id, quick))
    const slow = choices.flatMap((choice) => ('row' in choice ? [choice.row] : []))
    const posts = slow.length === 0 ? [] : await presenter.present(reader, slow)
    const presented = new Map(posts.map((post) => [post.id, post]))
    return choices.map((choice) => {
      if ('fragment' in choice) return new FragmentCard(reader, choice, marked)
      const post = presented.get(choice.row.id)
      return post && cardOfPost(post)
    })
  }

  const showsAny: ShowsAny = (reader, { read }, options = {}) => {
    const lookOn = (count: number): Soon<boolean> =>
      whenThere(read(null, count), (rows) => {
        if (rows.length === 0) return false
        return whenThere(choose(reader, rows, options), (choices) => {
          if (choices.some((choice) => choice !== undefined)) return true
          return rows.length === count && lookOn(Math.min(2 * count, lookedAtMax))
        })
      })
    return lookOn(1)
  }

  const presentCards: PresentCards = (reader, skeleton, request, options = {}) => {
    const chosen: Choice[] = []
    const keep = <Row extends CardRow>(rows: Row[]): Soon<Row[]> =>
      whenThere(choose(reader, rows, options), (choices) =>
        rows.filter((_, at) => {
          const choice = choices[at]
          if (choice) chosen.push(choice)
          return choice !== undefined
        }),
      )
    return whenThere(fillPage(skeleton, keep, request), ({ rows, nextPosition, following }) =>
      whenThere(present(reader, chosen.slice(0, rows.length)), (cards) => ({
        cards: cards.filter((card) => card !== undefined),
        // An author may have vanished between the rules and the presenting.
        rows: rows.filter((_, at) => cards[at] !== undefined),
        nextPosition,
        following,
      })),
    )
  }

  return { presentCards, showsAny }
}

/** Of what waits its author sees the comment, and so does whoever it waits for. */
function seesMore(reader: Reader, { seeMoreIds }: PostFragment): boolean {
  return seeMoreIds.size > 0 && reader !== null && seeMoreIds.has(reader.id)
}

/** Nobody is mentioned whom this reader may not see: links to such people are plain text. */
function areShownWhole(
  sight: SightOver,
  fragment: PostFragment,
  comments: readonly CommentFragment[],
): boolean {
  return (
    areAllSeen(sight, fragment.mentionedIds) &&
    comments.every(({ mentionedIds }) => areAllSeen(sight, mentionedIds))
  )
}

function areAllSeen(sight: SightOver, ids: readonly Id[]): boolean {
  return ids.every((authorId) => canSee(sight, { kind: 'profile', authorId }))
}

function shownComments(sight: SightOver, { post, comments }: PostFragment): CommentFragment[] {
  const shown: CommentFragment[] = []
  for (const comment of comments) {
    if (shown.length === commentsShown) break
    if (canSeeComment(sight, { author_id: comment.authorId, held_at: null, waits_at: null }, post.author_id))
      shown.push(comment)
  }
  return shown
}

/** They are those that the card has: the newest. */
function areAsTheyStand(
  { card, comments: all }: PostFragment,
  comments: readonly CommentFragment[],
): boolean {
  if (comments.length !== card.commentJson.length) return false
  return comments.every((comment, nth) => comment === all[nth])
}
