/** What a person wants to report, and whose it is. */
export type Reported = { author: { id: string; username: string } } & (
  | { kind: 'post'; postId: string }
  | { kind: 'comment'; postId: string; commentId: string }
  | { kind: 'story'; storyId: string }
  | { kind: 'account' }
  | { kind: 'message'; messageId: string }
)
