import type { AccountRow } from '#modules/accounts'
import type { KnownAuthors } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import type { PostRow } from '../posts-rows.ts'
import type { People, PostFacts } from '../presenting/posts-hydrate.ts'
import { type Presenters, presentComment, presentPost } from '../presenting/posts-view.ts'

/**
 * A ready post as JSON in pieces: for everybody but its author, or for its author alone. Nothing else in it depends on who
 * looks: what does (flags, which comments, who is mentioned) is put between the pieces, or sends the post the long way round.
 */
export interface PostFragment {
  /** Nobody else is ever shown it. Null: it is for everybody but the author. */
  readonly ownerId: Id | null
  /** What `canSee` asks. */
  readonly post: Pick<PostRow, 'id' | 'author_id' | 'status' | 'audience' | 'deleted_at'>
  /** From `{` up to the counts. */
  readonly head: Buffer
  readonly counts: PostCounts
  /** Its readers are not told how many like it. */
  readonly likesHidden: boolean
  /** The newest few that wait for nobody, newest first. */
  readonly comments: readonly CommentFragment[]
  /** They see a comment here that others do not see yet: it is theirs, or waits for them. */
  readonly seeMoreIds: ReadonlySet<Id>
  /** In its caption, and shown there. */
  readonly mentionedIds: readonly Id[]
  /** From the end of the comments up to the last `}`. */
  readonly tail: Buffer
  /** Everybody in it, and as whom it shows them. */
  readonly people: PersonShown[]
  readonly personIds: readonly Id[]
  /** They were looked through. */
  settled?: SettledPeople
  /** Its addresses are signed otherwise from then on. */
  readonly freshUntil: number
  /** By the clock of `performance`. */
  readonly builtAt: number
}

/** The one part that changes all the time: put right in place. */
export interface PostCounts {
  likes: number
  comments: number
  shares: number
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
  /** The comments that everybody is shown whom nobody blocks or mutes; null: each reader is asked about. */
  readonly forEverybody: readonly CommentFragment[] | null
  /** What was changed by hand, without an event, is noticed then. */
  readonly until: number
}

export type FragmentTimes = Pick<PostFragment, 'freshUntil' | 'builtAt'>

/** Whom a fragment is for. */
export function isFor(reader: Reader, { ownerId, post }: Pick<PostFragment, 'ownerId' | 'post'>): boolean {
  return ownerId === null ? reader?.id !== post.author_id : reader?.id === ownerId
}

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
  const personIds = [...new Set([post.author_id, ...people.accounts.keys(), ...people.sight.authors.keys()])]
  return {
    ownerId,
    post: {
      id: post.id,
      author_id: post.author_id,
      status: post.status,
      audience: post.audience,
      deleted_at: post.deleted_at,
    },
    head: Buffer.from(`${withoutEnd(head)},"likeCount":`),
    counts: {
      likes: likeCountHidden ? post.like_count : likeCount,
      comments: commentCount,
      shares: shareCount,
    },
    likesHidden: likeCountHidden,
    comments: facts.comments.flatMap((comment): CommentFragment[] => {
      const shown = presentComment(presenters, null, comment, post, people)
      if (!shown) return []
      const { canDelete, ...rest } = shown
      const json = Buffer.from(`${withoutEnd(rest)},"canDelete":`)
      return [{ authorId: comment.author_id, mentionedIds: mentioned(shown.entities), json }]
    }),
    seeMoreIds,
    mentionedIds: mentioned(presented.entities),
    tail: Buffer.from(`],"media":${JSON.stringify(media)}`),
    people: personIds.map((id) => ({ id, account: people.accounts.get(id) })),
    personIds,
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

export function weightOf({ head, tail, comments, personIds }: PostFragment): number {
  const bytes = comments.reduce((sum, { json }) => sum + json.length + 150, head.length + tail.length)
  return bytes + 600 + personIds.length * 160
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
