import type { Story } from '@heliograph/contract/stories'
import { call, newIdempotencyKey } from '../../lib/api.ts'

/** An answer is a message to its author that carries the Story. The same `clientId` again is the same message. */
export async function sendReply({ id, author }: Story, text: string, clientId: string): Promise<void> {
  const conversation = await call('POST /api/conversations', {
    body: { members: [author.username] },
    idempotencyKey: newIdempotencyKey(),
  })
  await call('POST /api/conversations/:id/messages', {
    params: { id: conversation.id },
    body: { clientId, text, attachments: [{ type: 'story', storyId: id, isReply: true }] },
  })
}
