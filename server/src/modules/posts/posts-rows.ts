import type { Selectable } from 'kysely'
import type { CommentsTable, PostCountsTable, PostMediaTable, PostsTable } from './posts-tables.ts'

/** A post with its counts. */
export type PostRow = Selectable<PostsTable> &
  Pick<Selectable<PostCountsTable>, 'like_count' | 'comment_count' | 'share_count'>
export type PostMediaRow = Omit<Selectable<PostMediaTable>, 'bucket'>
export type CommentRow = Selectable<CommentsTable>
