import type { NotificationKind } from '@heliograph/contract/notifications'
import type { ColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

export interface NotificationsTable {
  bucket: number
  user_id: Id
  kind: NotificationKind
  /** `nobody`: no name stands beside it. */
  actor_id: Id
  target_id: Id
  /** Of the moment when it happened; not unique. */
  id: Id
}

export interface NotificationGroupsTable {
  bucket: number
  user_id: Id
  kind: NotificationKind
  target_id: Id
  id: Id
  post_id: Id | null
  detail: string | null
  latest_id: Id
  member_count: number
  read_id: ColumnType<Id, Id | undefined, Id>
}

export interface NotificationMarksTable {
  bucket: number
  user_id: Id
  seen_id: ColumnType<Id, Id | undefined, Id>
  pushed_id: ColumnType<Id, Id | undefined, Id>
  alarmed_id: ColumnType<Id, Id | undefined, Id>
  digest_at: Date | null
}

export interface PushSubscriptionsTable {
  bucket: number
  user_id: Id
  endpoint_hash: Buffer
  session_id: Id
  endpoint: string
  p256dh: string
  auth: string
  created_at: Date
  /** Since when its service refuses what is sent there. */
  refused_at: Date | null
}

export interface NotificationsTables {
  notifications: NotificationsTable
  notification_groups: NotificationGroupsTable
  notification_marks: NotificationMarksTable
  push_subscriptions: PushSubscriptionsTable
}

export const nobody: Id = '0'

/** The subject is whose they are. */
export interface NotificationsEvents {
  /** `push`: something came that a device of theirs should hear of. */
  'notifications.changed': { push: boolean }
}
