import type { Post } from '@heliograph/contract/posts'
import {
  maxBytesOf,
  maxBytesOfRaw,
  type RawJson,
  type WrittenJson,
  writeRaw,
} from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { MarksOf } from '../marks/viewer-marks.ts'
import type { Reader } from '../posts-deps.ts'
import { putTrue } from './card-bytes.ts'
import { type CommentFragment, type PostFragment, readerTailOf } from './card-fragment.ts'

/** A post as one reader sees it, ready to be sent. */
export interface Card {
  /** As people call them. */
  readonly authorName: string
  /** This reader is not told how many like it. */
  readonly likesHidden: boolean
  /** `member`: a further one of the object, as JSON: `"reason":{…}`. */
  json(member?: RawJson): RawJson
}

export interface ChosenFragment {
  readonly fragment: PostFragment
  /** Those of its comments that this reader is shown; null: it is shown as it stands. */
  readonly comments: readonly CommentFragment[] | null
}

export class FragmentCard implements Card {
  readonly authorName: string
  readonly likesHidden: boolean
  readonly #postId: Id
  readonly #reader: Reader
  readonly #readerTail: number
  readonly #choice: ChosenFragment
  readonly #marks: MarksOf | null

  constructor(
    reader: Reader,
    choice: ChosenFragment,
    marks: MarksOf | null,
    readerTail = readerTailOf(reader),
  ) {
    this.authorName = choice.fragment.authorName
    this.likesHidden = choice.fragment.likesHidden
    // Asked for here, where the post was just looked at, and not when it has been written.
    this.#postId = choice.fragment.post.id
    this.#reader = reader
    this.#readerTail = readerTail
    this.#choice = choice
    this.#marks = marks
  }

  json(member?: RawJson): RawJson {
    const { fragment, comments } = this.#choice
    let maxBytes = fragment.card.bytes.length + 2
    if (comments !== null) for (const { json } of comments) maxBytes += json.length + 8
    if (member !== undefined) maxBytes += maxBytesOfRaw(member)
    return new WrittenCard(this, member, maxBytes)
  }

  /** Up to its last `}`. */
  write(into: Buffer, from: number): number {
    const { fragment, comments } = this.#choice
    const { bytes, likedAt, savedAt } = fragment.card
    let end = from + bytes.length
    if (comments === null) {
      into.set(bytes, from)
      this.#putOwn(into, from)
    } else end = this.#writeWith(comments, into, from)
    if (this.#marks?.isLiked(this.#postId)) putTrue(into, from + likedAt)
    if (this.#marks?.isSaved(this.#postId)) putTrue(into, from + savedAt)
    return end
  }

  /** One's own comments can be deleted; where all can be, the card says so. */
  #putOwn(into: Buffer, from: number): void {
    const { ownerId, comments, commenterTails, card } = this.#choice.fragment
    if (ownerId !== null || this.#reader === null) return
    const [{ id }, tail] = [this.#reader, this.#readerTail]
    for (let nth = 0; nth < card.canDeleteAt.length; nth++)
      if (commenterTails[nth] === tail && comments[nth]!.authorId === id)
        putTrue(into, from + card.canDeleteAt[nth]!)
  }

  #writeWith(comments: readonly CommentFragment[], into: Buffer, from: number): number {
    const { fragment } = this.#choice
    const { bytes, commentsAt, commentsEnd } = fragment.card
    let at = from + bytes.copy(into, from, 0, commentsAt)
    for (const [nth, { authorId, json }] of comments.entries()) {
      if (nth > 0) into[at++] = comma
      at += json.copy(into, at)
      const canDelete = fragment.ownerId !== null || authorId === this.#reader?.id
      at += into.write(canDelete ? 'true}' : 'false}', at, 'latin1')
    }
    return at + bytes.copy(into, at, commentsEnd)
  }
}

class WrittenCard implements WrittenJson {
  readonly maxBytes: number
  readonly #card: FragmentCard
  readonly #member: RawJson | undefined

  constructor(card: FragmentCard, member: RawJson | undefined, maxBytes: number) {
    this.maxBytes = maxBytes
    this.#card = card
    this.#member = member
  }

  write(into: Buffer, from: number): number {
    let at = this.#card.write(into, from)
    if (this.#member !== undefined) {
      into[at++] = comma
      at = writeRaw(this.#member, into, at)
    }
    into[at++] = closingBrace
    return at
  }
}

const comma = 0x2c
const closingBrace = 0x7d

export function cardOfPost(post: Post): Card {
  return {
    authorName: post.author.fullName || post.author.username,
    likesHidden: post.likeCountHidden,
    json(member) {
      const text = JSON.stringify(post)
      if (member === undefined) return [text]
      return {
        maxBytes: maxBytesOf(text) + 1 + maxBytesOfRaw(member),
        write(into, from) {
          let at = from + into.write(text.slice(0, -1), from)
          into[at++] = comma
          at = writeRaw(member, into, at)
          into[at++] = closingBrace
          return at
        },
      }
    },
  }
}
