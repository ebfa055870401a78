import type { AccountsEvents, AccountsTables } from './modules/accounts/accounts-tables.ts'
import type { AdminTables } from './modules/admin/admin-tables.ts'
import type { AuditTables } from './modules/audit/audit-tables.ts'
import type { ExportsEvents, ExportsTables } from './modules/exports/exports-tables.ts'
import type { FeedEvents, FeedTables } from './modules/feed/feed-tables.ts'
import type { GraphEvents, GraphTables } from './modules/graph/graph-tables.ts'
import type { MediaEvents, MediaTables } from './modules/media/media-tables.ts'
import type { MessagesEvents, MessagesTables } from './modules/messages/messages-tables.ts'
import type { ModerationEvents, ModerationTables } from './modules/moderation/moderation-tables.ts'
import type {
  NotificationsEvents,
  NotificationsTables,
} from './modules/notifications/notifications-tables.ts'
import type { PostsEvents, PostsTables } from './modules/posts/posts-tables.ts'
import type { SignalsEvents, SignalsTables } from './modules/signals/signals-tables.ts'
import type { StoriesEvents, StoriesTables } from './modules/stories/stories-tables.ts'
import type { VerificationEvents, VerificationTables } from './modules/verification/verification-tables.ts'
import type { PlatformTables } from './platform/db/platform-tables.ts'

/** The whole database, put together from what each owner declares. Types only: nothing is imported at run time. */
export interface Schema
  extends PlatformTables,
    AccountsTables,
    GraphTables,
    MediaTables,
    PostsTables,
    StoriesTables,
    FeedTables,
    SignalsTables,
    MessagesTables,
    VerificationTables,
    ModerationTables,
    AuditTables,
    AdminTables,
    NotificationsTables,
    ExportsTables {}

/** Event kind → its data. The kinds are declared by the modules that emit them. */
export interface EventMap
  extends AccountsEvents,
    GraphEvents,
    MediaEvents,
    PostsEvents,
    StoriesEvents,
    FeedEvents,
    ModerationEvents,
    VerificationEvents,
    MessagesEvents,
    SignalsEvents,
    NotificationsEvents,
    ExportsEvents {}
