import type { Budget } from '@heliograph/contract/endpoint'
import { messagesEndpoints } from '@heliograph/contract/messages'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page } from '#platform/http/mount.ts'
import type { CreateConversation, SpendOnStrangers } from './conversations-create.ts'
import type { GroupMembers } from './conversations-members.ts'
import type { OwnSide } from './conversations-own.ts'
import type { ChangeConversation } from './conversations-settings.ts'
import type { MessageChanges } from './messages-changes.ts'
import type { ClearMessage } from './messages-clear.ts'
import type { Reader } from './messages-deps.ts'
import type { MessagesReading } from './messages-reading.ts'
import type { MessageWriting } from './messages-writing.ts'
import type { MarkRead } from './read-marks.ts'

export interface MessagesServices {
  create: CreateConversation
  change: ChangeConversation
  own: OwnSide
  group: GroupMembers
  writing: MessageWriting
  changes: MessageChanges
  clear: ClearMessage
  reading: MessagesReading
  markRead: MarkRead
  tellTyping(writer: Reader, conversationId: string): Promise<void>
}

export function mountMessages(http: Http, services: MessagesServices): void {
  const { create, own, group, writing, changes, reading } = services
  const onStrangers =
    (spend: (budget: Budget, points: number) => Promise<void>): SpendOnStrangers =>
    (points) =>
      spend('conversation', points)

  mount(http, messagesEndpoints, {
    'GET /api/conversations': async ({ viewer, query, position }) => {
      const { folder, limit } = query
      const { items, nextPosition, counts } = await reading.list(viewer, { folder, position, limit })
      return page(items, nextPosition, counts)
    },
    'POST /api/conversations': {
      async create({ viewer, body, once, spend }) {
        const { id, isNew } = await create(viewer, body, { once, spend: onStrangers(spend) })
        return answer(isNew ? 201 : 200, await reading.one(viewer, id))
      },
      replay: async ({ viewer }, createdId) => answer(201, await reading.one(viewer, createdId)),
    },
    'GET /api/conversations/:id': async ({ viewer, params }) =>
      answer(200, await reading.one(viewer, params.id)),
    'PATCH /api/conversations/:id': async ({ viewer, params: { id }, body }) => {
      await services.change(viewer, id, body)
      return answer(200, await reading.one(viewer, id))
    },
    'DELETE /api/conversations/:id': async ({ viewer, params }) => {
      await own.clear(viewer, params.id)
      return noContent()
    },
    'PUT /api/conversations/:id/accept': async ({ viewer, params }) => {
      await own.accept(viewer, params.id)
      return answer(200, await reading.one(viewer, params.id))
    },
    'PUT /api/conversations/:id/draft': async ({ viewer, params, body }) => {
      await own.keepDraft(viewer, params.id, body.text)
      return noContent()
    },
    'POST /api/conversations/:id/members/:username': async ({ viewer, params: { id, username }, spend }) => {
      await group.add(viewer, id, username, onStrangers(spend))
      return answer(200, await reading.one(viewer, id))
    },
    'DELETE /api/conversations/:id/members/:username': async ({ viewer, params: { id, username } }) => {
      await group.remove(viewer, id, username)
      return answer(200, await reading.one(viewer, id))
    },
    'PUT /api/conversations/:id/admins/:username': async ({ viewer, params: { id, username } }) => {
      await group.makeAdmin(viewer, id, username)
      return answer(200, await reading.one(viewer, id))
    },
    'DELETE /api/conversations/:id/admins/:username': async ({ viewer, params: { id, username } }) => {
      await group.unmakeAdmin(viewer, id, username)
      return answer(200, await reading.one(viewer, id))
    },
    'DELETE /api/conversations/:id/me': async ({ viewer, params }) => {
      await group.leave(viewer, params.id)
      return noContent()
    },
    'GET /api/conversations/:id/messages': async ({ viewer, params, query }) =>
      answer(200, await reading.page(viewer, params.id, query)),
    'POST /api/conversations/:id/messages': async ({ viewer, params, body }) => {
      const { message, isNew } = await writing.send(viewer, params.id, body)
      return answer(isNew ? 201 : 200, await reading.message(viewer, message))
    },
    'PATCH /api/conversations/:id/messages/:messageId': async ({ viewer, params, body }) => {
      const message = await changes.edit(viewer, params.id, params.messageId, body.text)
      return answer(200, await reading.message(viewer, message))
    },
    'DELETE /api/conversations/:id/messages/:messageId': async ({ viewer, params }) => {
      await changes.unsend(viewer, params.id, params.messageId)
      return noContent()
    },
    'DELETE /api/conversations/:id/messages/:messageId/mine': async ({ viewer, params }) => {
      await services.clear(viewer, params.id, params.messageId)
      return noContent()
    },
    'PUT /api/conversations/:id/messages/:messageId/reaction': async ({ viewer, params, body }) => {
      const message = await changes.react(viewer, params.id, params.messageId, body.emoji)
      return answer(200, await reading.message(viewer, message))
    },
    'DELETE /api/conversations/:id/messages/:messageId/reaction': async ({ viewer, params }) => {
      const message = await changes.takeReactionBack(viewer, params.id, params.messageId)
      return answer(200, await reading.message(viewer, message))
    },
    'PUT /api/conversations/:id/read': async ({ viewer, params, body }) =>
      answer(200, await services.markRead(viewer, params.id, body.sequence)),
    'POST /api/conversations/:id/typing': async ({ viewer, params }) => {
      await services.tellTyping(viewer, params.id)
      return noContent()
    },
  })
}
