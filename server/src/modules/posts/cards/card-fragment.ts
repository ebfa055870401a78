import type { AccountRow } from '#modules/accounts'
import type { KnownAuthors } from '#modules/graph'
import { type Id, tailOf } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import type { PostRow } from '../posts-rows.ts'
import { type People, type PostFacts, peopleOf } from '../presenting/posts-hydrate.ts'
import { commentsShown, type Presenters, presentComment, presentPost } from '../presenting/posts-view.ts'
import { buildCardBytes, type CardBytes, putCount } from './card-bytes.ts'

/**
 * A ready post as JSON: for everybody but its author, or for its author alone. Nothing else in it depends on who looks: what
 * does (flags, which comments, who is mentioned) is put in when it is sent, or sends the post the long way round.
 */
export interface PostFragment {
  /** Nobody else is ever shown it. Null: it is for everybody but the author. */
  readonly ownerId: Id | null
  /** What `canSee` asks. */
  readonly post: Pick<PostRow, 'id' | 'author_id' | 'status' | 'audience' | 'deleted_at'>
  /** `tailOf` the author's id. */
  readonly authorTail: number
  readonly authorName: string
  /** With the newest of its comments, as many as are shown. */
  readonly card: CardBytes
  /** Its readers are not told how many like it. */
  readonly likesHidden: boolean
  /** The newest few that wait for nobody, newest first. */
  readonly comments: readonly CommentFragment[]
  /** `tailOf` their authors' ids. */
  readonly commenterTails: readonly number[]
  /** They see a comment here that others do not see yet: it is theirs, or waits for them. */
  readonly seeMoreIds: ReadonlySet<Id>
  /** In its caption, and shown there. */
  readonly mentionedIds: readonly Id[]
  /** Everybody in it, and as whom it shows them. */
  readonly people: PersonShown[]
  readonly personIds: readonly Id[]
  /** They were looked through. */
  settled?: SettledPeople
  /** Its addresses are signed otherwise from then on. */
  readonly freshUntil: number
  /** By the clock of `performance`. */
  readonly builtAt: number
  /**
   * By the same clock, in tenths of a second: until then it need not be looked for among what is kept. 0 when it is kept no
   * longer.
   */
  keptUntil: number
}

/** The one part that changes all the time: put right in place. */
export interface PostCounts {
  likes: number
  comments: number
  shares: number
}

/** False: one of them has outgrown its place. */
export function putCounts({ card, likesHidden }: PostFragment, counts: Partial<PostCounts>): boolean {
  const { likes, comments, shares } = counts
  if (likes !== undefined && !likesHidden && !putCount(card.bytes, card.likes, likes)) return false
  if (comments !== undefined && !putCount(card.bytes, card.comments, comments)) return false
  return shares === undefined || putCount(card.bytes, card.shares, shares)
}

export interface CommentFragment {
  readonly authorId: Id
  readonly mentionedIds: readonly Id[]
  /** Up to the value of `canDelete`. */
  readonly json: Buffer
}

interface PersonShown {
  readonly id: Id
  /** Undefined: there is no such account. The same row in another object takes its place. */
  account: AccountRow | undefined
}

/** Who is in a fragment needs no look as long as nothing is heard of anybody. */
export interface SettledPeople {
  readonly accountsVersion: number
  readonly authors: KnownAuthors
  /** Theirs. */
  readonly authorsVersion: number
  /** Everybody is shown it as it stands whom nobody blocks or mutes; else each reader is asked about. */
  readonly isForEverybody: boolean
  /** The same, of those among them who follow its author. */
  readonly isForFollowers: boolean
  /** What was changed by hand, without an event, is noticed in this second. */
  readonly untilSecond: number
}

export type FragmentTimes = Pick<PostFragment, 'freshUntil' | 'builtAt'>

/** Whom a fragment is for. */
export function isFor(reader: Reader, fragment: PostFragment, readerTail: number): boolean {
  return (fragment.ownerId === null) !== isBy(reader, fragment, readerTail)
}

/** `readerTail`: of the reader's id, see `readerTailOf`. */
export function isBy(
  reader: Reader,
  { authorTail, post }: Pick<PostFragment, 'authorTail' | 'post'>,
  readerTail: number,
): boolean {
  return authorTail === readerTail && post.author_id === reader?.id
}

export function readerTailOf(reader: Reader): number {
  return reader === null ? nobodysTail : tailOf(reader.id)
}

const nobodysTail = -1

/**
 * `facts` and `people` as a visitor who is not signed in has them; for an owner, the media as the owner has them. Null: its
 * author is gone.
 */
export function buildFragment(
  presenters: Presenters,
  ownerId: Id | null,
  facts: PostFacts,
  people: People,
  seeMoreIds: ReadonlySet<Id>,
  times: FragmentTimes,
): PostFragment | null {
  const { post } = facts
  const owner = ownerId === null ? null : { id: ownerId }
  const presented = presentPost(presenters, owner, { ...facts, comments: [] }, people)
  if (!presented) return null
  const { likeCount, likeCountHidden, commentCount, shareCount, ...others } = presented
  const { liked, saved, newestComments, media, ...head } = others
  // Of this post alone: `people` are those of all that were loaded together.
  const personIds = [...new Set(peopleOf(facts))]
  const newest = facts.comments.flatMap((comment) => {
    const shown = presentComment(presenters, null, comment, post, people)
    if (!shown) return []
    const { canDelete: _canDelete, ...rest } = shown
    const json = `${withoutEnd(rest)},"canDelete":`
    return [{ authorId: comment.author_id, mentionedIds: mentioned(shown.entities), json }]
  })
  const card = buildCardBytes({
    head: `${withoutEnd(head)},"likeCount":`,
    likes: likeCount,
    likesHidden: likeCountHidden,
    comments: commentCount,
    shares: shareCount,
    newestComments: newest.slice(0, commentsShown).map(({ json }) => json),
    canDelete: ownerId !== null,
    tail: `],"media":${JSON.stringify(media)}`,
  })
  return {
    ownerId,
    post: {
      id: post.id,
      author_id: post.author_id,
      status: post.status,
      audience: post.audience,
      deleted_at: post.deleted_at,
    },
    authorTail: tailOf(post.author_id),
    authorName: head.author.fullName || head.author.username,
    card,
    likesHidden: likeCountHidden,
    comments: newest.map(({ json, ...others }, nth) => ({
      ...others,
      json: card.commentJson[nth] ?? Buffer.from(json),
    })),
    commenterTails: newest.map(({ authorId }) => tailOf(authorId)),
    seeMoreIds,
    mentionedIds: mentioned(presented.entities),
    people: personIds.map((id) => ({ id, account: people.accounts.get(id) })),
    personIds,
    keptUntil: 0,
    ...times,
  }
}

/** Everybody in it is still as it shows them. Accounts that nothing has happened to are the very same objects. */
export function showsPeopleAsTheyAre(
  { people }: PostFragment,
  accounts: ReadonlyMap<Id, AccountRow>,
): boolean {
  for (const person of people) {
    const account = accounts.get(person.id)
    if (account === person.account) continue
    if (!looksTheSame(person.account, account)) return false
    person.account = account
  }
  return true
}

export function weightOf({ card, comments, personIds }: PostFragment): number {
  const bytes = comments.reduce((sum, { json }) => sum + json.length + 150, card.bytes.length)
  return bytes + 800 + personIds.length * 160
}

/** In the JSON, and in the addresses of the pictures. */
function looksTheSame(one: AccountRow | undefined, other: AccountRow | undefined): boolean {
  if (!one || !other) return one === other
  return (
    one.username === other.username &&
    one.fullName === other.fullName &&
    one.avatarKey === other.avatarKey &&
    one.isVerified === other.isVerified &&
    one.isPrivate === other.isPrivate &&
    one.hidesLikeCounts === other.hidesLikeCounts &&
    one.sightEpoch === other.sightEpoch &&
    one.state === other.state
  )
}

function mentioned(entities: readonly { userId?: Id | undefined }[]): Id[] {
  return [...new Set(entities.flatMap(({ userId }) => userId ?? []))]
}

function withoutEnd(value: object): string {
  return JSON.stringify(value).slice(0, -1)
}
