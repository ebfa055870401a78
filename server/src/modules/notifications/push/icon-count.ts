import type { MessagesNews } from '#modules/messages'
import type { Id } from '#platform/ids/ids.ts'
import type { NotificationsList } from '../notifications-list.ts'

/** On the icon of the app: what is new in both lists, and what stands in both once. */
export async function countOnIcon(
  {
    list,
    messages,
  }: { list: Pick<NotificationsList, 'unread'>; messages: Pick<MessagesNews, 'unreadCount'> },
  userId: Id,
): Promise<number> {
  const [{ unreadCount, unreadMessages }, conversations] = await Promise.all([
    list.unread({ id: userId }),
    messages.unreadCount(userId),
  ])
  return unreadCount - unreadMessages + conversations
}
