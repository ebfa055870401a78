import type { Post } from '@heliograph/contract/posts'
import type { AccountRow } from '#modules/accounts'
import { canSee, mutes, type SightOver } from '#modules/graph'
import { fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { MarksOf, ViewerMarks } from '../marks/viewer-marks.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import { canSeeComment, canSeePost } from '../posts-policy.ts'
import type { PostRow } from '../posts-rows.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'
import type { PageOptions, PageRequest, PostsPresenter } from '../presenting/posts-presenter.ts'
import { commentsShown } from '../presenting/posts-view.ts'
import { type CommentFragment, isFor, type PostFragment, showsPeopleAsTheyAre } from './card-fragment.ts'
import type { Fragments } from './fragments.ts'

/** A post as one reader sees it, ready to be sent. */
export interface Card {
  readonly postId: Id
  readonly authorId: Id
  /** `extraMembers`: further ones of the object, as JSON: `"reason":{…}`. */
  json(extraMembers?: string): RawJson
}

export interface CardsPage<Row> {
  cards: Card[]
  /** The row that each card stands for. */
  rows: Row[]
  nextPosition: readonly string[] | null
}

/** The same page that `presentPage` gives, field for field. Nothing is waited for when all of it is in memory. */
export type PresentCards = <Row extends { post_id: Id }>(
  reader: Reader,
  skeleton: Skeleton<Row>,
  request: PageRequest,
  options?: PageOptions,
) => Promise<CardsPage<Row>>

type Deps = Pick<PostsDeps, 'clock' | 'accounts' | 'graph'> & {
  fragments: Fragments
  marks: ViewerMarks
  gate: PostsGate
  presenter: PostsPresenter
}

interface ChosenFragment {
  fragment: PostFragment
  /** Those of its comments that this reader is shown. */
  comments: readonly CommentFragment[]
}

/** What is shown of a post: its pieces, or its row, for those that go the long way round. */
type Choice = ChosenFragment | { row: PostRow }

/** Whoever is in a card is looked at again after this at the latest. */
const settledMs = 60_000

export function createCards(deps: Deps): PresentCards {
  const { clock, accounts, graph, fragments, marks, gate, presenter } = deps

  /** Fragments of these posts that show everything as it is now, and how the reader stands to all who are in them. */
  async function findFragments(reader: Reader, postIds: readonly Id[]) {
    let found = fragments.peek(reader, postIds) ?? (await fragments.load(reader, postIds))
    const settled = peekSettled(reader, found)
    if (settled) return { found, ...settled }
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
    return { found, sightOf: () => people.sight, isUnhindered: false }
  }

  /** Nothing was heard of anybody in these since they were looked through. */
  function peekSettled(
    reader: Reader,
    found: ReadonlyMap<Id, PostFragment>,
  ): { sightOf(fragment: PostFragment): SightOver; isUnhindered: boolean } | undefined {
    const version = accounts.peekVersion()
    const sight = graph.peekSightOver(reader)
    if (version === undefined || sight === undefined) return undefined
    const now = clock.now()
    for (const { settled } of found.values()) {
      if (settled?.accountsVersion !== version || now >= settled.until) return undefined
      if (sight.over(settled.authors) === undefined) return undefined
    }
    return { sightOf: ({ settled }) => sight.over(settled!.authors)!, isUnhindered: sight.isUnhindered }
  }

  function settle(fragment: PostFragment, accountsVersion: number): void {
    const authors = graph.peekAuthors(fragment.personIds)
    const visitor = authors && graph.peekSightOver(null)?.over(authors)
    if (!visitor) return
    const comments = shownComments(visitor, fragment)
    const isWhole = canSeePost(visitor, fragment.post) && areShownWhole(visitor, fragment, comments)
    const until = Math.min(fragment.freshUntil, clock.now() + settledMs)
    fragment.settled = { accountsVersion, authors, forEverybody: isWhole ? comments : null, until }
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

  /** The rules: a post that is absent in `choices` afterwards is not for this reader. */
  async function choose(
    reader: Reader,
    postIds: readonly Id[],
    { leaveOutMuted = false }: PageOptions,
    choices: Map<Id, Choice>,
  ): Promise<void> {
    const { found, sightOf, isUnhindered } = await findFragments(reader, postIds)
    const others: Id[] = []
    for (const id of postIds) {
      const fragment = found.get(id)
      const comments = isUnhindered && fragment?.settled?.forEverybody
      if (!fragment || !isFor(reader, fragment) || seesMore(reader, fragment)) others.push(id)
      else if (comments) choices.set(id, { fragment, comments })
      else {
        const sight = sightOf(fragment)
        if (!canSeePost(sight, fragment.post)) continue
        if (leaveOutMuted && mutes(sight, fragment.post.author_id)) continue
        const comments = shownComments(sight, fragment)
        if (areShownWhole(sight, fragment, comments)) choices.set(id, { fragment, comments })
        else others.push(id)
      }
    }
    if (others.length > 0)
      for (const row of await gate.findVisible(reader, others, { leaveOutMuted }))
        choices.set(row.id, { row })
  }

  async function present(reader: Reader, choices: readonly Choice[]): Promise<(Card | undefined)[]> {
    const quick = choices.flatMap((choice) => ('fragment' in choice ? [choice.fragment.post.id] : []))
    const marked = reader && (marks.peek(reader.id, quick) ?? (await marks.load(reader.id, quick)))
    const slow = choices.flatMap((choice) => ('row' in choice ? [choice.row] : []))
    const posts = slow.length === 0 ? [] : await presenter.present(reader, slow)
    const presented = new Map(posts.map((post) => [post.id, post]))
    return choices.map((choice) => {
      if ('fragment' in choice) return cardOfFragment(reader, choice, marked)
      const post = presented.get(choice.row.id)
      return post && cardOfPost(post)
    })
  }

  return async (reader, skeleton, request, options = {}) => {
    const chosen = new Map<Id, Choice>()
    const keep = async <Row extends { post_id: Id }>(rows: Row[]): Promise<Row[]> => {
      const postIds = rows.map((row) => row.post_id)
      await choose(reader, postIds, options, chosen)
      return rows.filter((row) => chosen.has(row.post_id))
    }
    const page = await fillPage(skeleton, keep, request)
    const cards = await present(
      reader,
      page.rows.map((row) => chosen.get(row.post_id)!),
    )
    // An author may have vanished between the rules and the presenting.
    const rows = page.rows.filter((_, index) => cards[index] !== undefined)
    return { cards: cards.filter((card) => card !== undefined), rows, nextPosition: page.nextPosition }
  }
}

/** Of what waits its author sees the comment, and so does whoever it waits for. */
function seesMore(reader: Reader, { seeMoreIds }: PostFragment): boolean {
  return reader !== null && seeMoreIds.has(reader.id)
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

function cardOfFragment(
  reader: Reader,
  { fragment, comments: shown }: ChosenFragment,
  marks: MarksOf | null,
): Card {
  const { ownerId, post, head, counts, likesHidden, tail } = fragment
  return {
    postId: post.id,
    authorId: post.author_id,
    json(extraMembers) {
      const { comments, shares } = counts
      const likes = likesHidden ? 0 : counts.likes
      const liked = marks?.isLiked(post.id) ?? false
      const saved = marks?.isSaved(post.id) ?? false
      const pieces: (Buffer | string)[] = [
        head,
        `${likes},"likeCountHidden":${likesHidden},"commentCount":${comments},"shareCount":${shares},"liked":${liked},"saved":${saved},"newestComments":[`,
      ]
      let before = ''
      for (const { authorId, json } of shown) {
        if (before) pieces.push(before)
        pieces.push(json)
        before = ownerId !== null || authorId === reader?.id ? 'true},' : 'false},'
      }
      if (before) pieces.push(before.slice(0, -1))
      pieces.push(tail, extraMembers === undefined ? '}' : `,${extraMembers}}`)
      return pieces
    },
  }
}

function cardOfPost(post: Post): Card {
  return {
    postId: post.id,
    authorId: post.author.id,
    json(extraMembers) {
      const text = JSON.stringify(post)
      return [extraMembers === undefined ? text : `${text.slice(0, -1)},${extraMembers}}`]
    },
  }
}
