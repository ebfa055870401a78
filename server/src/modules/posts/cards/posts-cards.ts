import type { Post } from '@heliograph/contract/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Reader } from '../posts-deps.ts'
import type { PageOptions, PageRequest, PostsPresenter } from '../presenting/posts-presenter.ts'

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

/** The same page that `presentPage` gives, field for field. */
export type PresentCards = <Row extends { post_id: Id }>(
  reader: Reader,
  skeleton: Skeleton<Row>,
  request: PageRequest,
  options?: PageOptions,
) => Promise<CardsPage<Row>>

export function createCards(presenter: PostsPresenter): PresentCards {
  return async (reader, skeleton, request, options) => {
    const { items, rows, nextPosition } = await presenter.presentPage(reader, skeleton, request, options)
    return { cards: items.map(cardOf), rows, nextPosition }
  }
}

function cardOf(post: Post): Card {
  return {
    postId: post.id,
    authorId: post.author.id,
    json(extraMembers) {
      const text = JSON.stringify(post)
      return [extraMembers === undefined ? text : `${text.slice(0, -1)},${extraMembers}}`]
    },
  }
}
