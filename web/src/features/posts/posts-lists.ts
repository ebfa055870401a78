import type { Id, Page } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'
import { putPost } from '../../lib/store.ts'

/** The ids of a list of posts; the posts themselves are in the store. */
export function postsPaginator(
  key: string,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Post>>,
): Paginator<Id> {
  return keepPaginator(key, () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await load(cursor, signal)
        return { ...page, items: page.items.map(putPost) }
      },
      (id: Id) => id,
    ),
  )
}
