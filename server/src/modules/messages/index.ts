import type { Http } from '#platform/http/http.ts'
import { createConversationCreation } from './conversations-create.ts'
import { createGroupMembers } from './conversations-members.ts'
import { createOwnSide } from './conversations-own.ts'
import { createConversationsPresenter } from './conversations-present.ts'
import { createConversationSettings } from './conversations-settings.ts'
import { createEraseMessages } from './erase-messages.ts'
import { createExportMessages } from './export-messages.ts'
import { followBlocks } from './messages-blocks.ts'
import { createMessageChanges } from './messages-changes.ts'
import { createClearMessage } from './messages-clear.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { followDistance } from './messages-distance.ts'
import { createMessagesGate } from './messages-gate.ts'
import { followMessagesLive } from './messages-live.ts'
import { followPreparedMedia } from './messages-media.ts'
import { createMessagesModeration, type MessagesModeration } from './messages-moderation.ts'
import { createMessagesNews, type MessagesNews } from './messages-news.ts'
import { createPresentMessages } from './messages-present.ts'
import { defineMessagesPurge } from './messages-purge.ts'
import { createMessagesReading } from './messages-reading.ts'
import { createMessageRights } from './messages-rights.ts'
import { mountMessages } from './messages-routes.ts'
import { createSend } from './messages-send.ts'
import { followStates } from './messages-states.ts'
import { createMessageWriting } from './messages-writing.ts'
import { createReadMarks } from './read-marks.ts'
import { createStoryReplies, type FindStoryReplies } from './story-replies.ts'
import { createTyping } from './typing.ts'

export type { MessagesDeps } from './messages-deps.ts'
export type { MessagesModeration } from './messages-moderation.ts'
export type { MessageNews, MessagesNews } from './messages-news.ts'
export type { MessagesEvents, MessagesTables } from './messages-tables.ts'
export type { FindStoryReplies, StoryReply } from './story-replies.ts'

export interface Messages {
  api: {
    moderation: MessagesModeration
    news: MessagesNews
    storyReplies: FindStoryReplies
  }
  routes(http: Http): void
}

export function createMessages(deps: MessagesDeps): Messages {
  const gate = createMessagesGate(deps)
  const rights = createMessageRights(deps)
  const writing = createMessageWriting({ ...deps, gate, rights, send: createSend({ ...deps, rights }) })
  const presentMessages = createPresentMessages(deps)
  const presenter = createConversationsPresenter({ ...deps, presentMessages, rights })
  const tellTyping = createTyping({ ...deps, gate })
  followMessagesLive(deps)
  followPreparedMedia(deps)
  defineMessagesPurge(deps)
  deps.accounts.whenErased(createEraseMessages({ ...deps, gate }))
  deps.accounts.whenExported(createExportMessages({ ...deps, gate, presenter, presentMessages }))
  followDistance({ ...deps, gate })
  followBlocks({ ...deps, gate })
  followStates({ ...deps, gate })
  return {
    api: {
      moderation: createMessagesModeration(deps),
      news: createMessagesNews({ ...deps, gate }),
      storyReplies: createStoryReplies(deps),
    },
    routes(http) {
      mountMessages(http, {
        create: createConversationCreation(deps),
        change: createConversationSettings({ ...deps, gate }),
        own: createOwnSide({ ...deps, gate }),
        group: createGroupMembers({ ...deps, gate }),
        writing,
        changes: createMessageChanges({ ...deps, gate }),
        clear: createClearMessage({ ...deps, gate }),
        reading: createMessagesReading({ ...deps, gate, presentMessages, presenter }),
        markRead: createReadMarks({ ...deps, gate }),
        tellTyping,
      })
    },
  }
}
