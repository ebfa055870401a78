import type { Message, MessageAttachment } from '@heliograph/contract/messages'
import type { ExportedData, ExportRoom, ExportWish } from '#modules/accounts'
import type { MediaApi, MediaFileNames } from '#modules/media'
import { eachPage } from '#platform/db/each-page.ts'
import { isFault } from '#platform/http/fault.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import type { ConversationsPresenter } from './conversations-present.ts'
import { notesOf } from './export-notes.ts'
import { findInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { MessagesGate, Opened } from './messages-gate.ts'
import { mediaIn, type PresentMessages } from './messages-present.ts'
import { findMessagesBefore } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'

interface Deps extends Pick<MessagesDeps, 'database'> {
  media: Pick<MediaApi, 'files'>
  gate: Pick<MessagesGate, 'open'>
  presenter: Pick<ConversationsPresenter, 'presentMembers'>
  presentMessages: PresentMessages
}

const batch = 200
const lastSequence = 2_147_483_647

/**
 * Conversations that somebody is in, as they find them in the app: what was taken back, what they deleted for themselves and
 * whom a block hides is not there; of a request the pictures are not, before it is accepted.
 */
export function createExportMessages(deps: Deps): ExportRoom {
  const { database, media, gate, presenter, presentMessages } = deps
  const db = database.main

  async function* conversations({ id, before }: ExportWish, from: Id = '0') {
    const pages = eachPage<{ conversation_id: Id }>(batch, (last) =>
      db
        .selectFrom('conversation_members')
        .select('conversation_id')
        .where('user_id', '=', id)
        .where('is_member', '=', true)
        .where('conversation_id', '>=', last?.conversation_id ?? from)
        .$if(last !== null, (query) => query.where('conversation_id', '>', last!.conversation_id))
        .where('conversation_id', '<', before)
        .orderBy('conversation_id')
        .limit(batch)
        .execute(),
    )
    for await (const rows of pages)
      for (const row of rows) {
        const opened = await gate.open({ id }, row.conversation_id).catch((error: unknown) => {
          // Left meanwhile.
          if (isFault(error, 'conversation.not_found')) return null
          throw error
        })
        if (opened) yield opened
      }
  }

  /** The newest first. */
  async function* messagesOf({ id, before }: ExportWish, opened: Opened, from = lastSequence) {
    const { conversation, own } = opened
    const pages = eachPage<MessageRow>(batch, (last) =>
      findMessagesBefore(db, conversation.id, {
        reader: id,
        after: own.after_sequence,
        before: last?.sequence ?? from,
        limit: batch,
      }),
    )
    for await (const page of pages) {
      const rows = page.filter((row) => compareIds(row.id, before) < 0)
      yield { rows, shown: await presentMessages({ id }, rows, () => own) }
    }
  }

  async function* words(wish: ExportWish) {
    for await (const opened of conversations(wish))
      for await (const { rows, shown } of messagesOf(wish, opened)) {
        const names = await media.files.namesOf(wish.id, rows.flatMap(mediaIn))
        for (const message of shown) if (!message.unsent) yield presentWritten(message, names)
      }
  }

  async function* overview(wish: ExportWish) {
    for await (const opened of conversations(wish)) {
      const { conversation, own } = opened
      const reader = { id: wish.id }
      const [members, inbox] = [
        await presenter.presentMembers(reader, opened),
        await findInbox(db, wish.id, conversation.id),
      ]
      yield {
        id: conversation.id,
        kind: conversation.kind,
        name: conversation.name,
        createdAt: conversation.created_at,
        members: members.flatMap(({ user }) => user?.username ?? []),
        isAdmin: own.is_admin,
        isAccepted: own.is_accepted,
        isMuted: inbox?.is_muted ?? false,
        draft: inbox?.draft ?? '',
      }
    }
  }

  const data = (wish: ExportWish): ExportedData[] => [
    {
      name: 'conversations',
      about: {
        en: 'Conversations that you are in, and what you began to write there.',
        de: 'Unterhaltungen, in denen du bist, und was du darin zu schreiben begonnen hast.',
      },
      rows: () => overview(wish),
    },
    {
      name: 'messages',
      about: { en: 'What you and others wrote there.', de: 'Was du und andere darin geschrieben haben.' },
      rows: () => words(wish),
    },
  ]

  async function* sayings(wish: ExportWish, opened: Opened) {
    for await (const { shown } of messagesOf(wish, opened))
      for (const message of shown)
        if (!message.unsent)
          yield {
            at: new Date(message.createdAt),
            from: message.sender?.username ?? null,
            isOwn: message.senderId === wish.id,
            text: message.text,
            media: message.attachments.flatMap((one) =>
              one.type === 'media' && one.media ? [{ id: one.media.id, altText: '' }] : [],
            ),
            notes: notesOf(message),
          }
  }

  return {
    name: 'messages',
    data,
    async *talks(wish) {
      for await (const opened of conversations(wish)) {
        const [, ...others] = await presenter.presentMembers({ id: wish.id }, opened)
        yield {
          title: opened.conversation.name ?? '',
          people: others.flatMap(({ user }) => user?.username ?? []),
          sayings: () => sayings(wish, opened),
        }
      }
    },
    async *media(wish, after) {
      const [conversationId, sequence] = after?.split(' ') ?? []
      for await (const opened of conversations(wish, conversationId)) {
        const { id } = opened.conversation
        const isBegun = conversationId !== undefined && compareIds(id, conversationId) === 0
        for await (const { rows, shown } of messagesOf(
          wish,
          opened,
          isBegun ? Number(sequence) : lastSequence,
        ))
          for (const [at, message] of shown.entries())
            if (message.attachments.some(isShownMedium))
              yield {
                place: `${id} ${message.sequence}`,
                ids: mediaIn(rows[at]!).filter((mediaId) => message.attachments.some(isMedium(mediaId))),
              }
      }
    },
  }
}

function isShownMedium(one: MessageAttachment): boolean {
  return one.type === 'media' && one.media !== undefined
}

function isMedium(id: Id): (one: MessageAttachment) => boolean {
  return (one) => one.type === 'media' && one.media?.id === id
}

function presentWritten(message: Message, names: ReadonlyMap<Id, MediaFileNames>): object {
  return {
    conversationId: message.conversationId,
    at: message.createdAt,
    from: message.sender?.username ?? null,
    text: message.text,
    ...(message.attachments.length > 0 && {
      attachments: message.attachments.map((one) => presentAttached(one, names)),
    }),
    ...(message.notice && {
      notice: {
        ...message.notice,
        users: message.notice.users.map(({ username }) => username),
      },
    }),
    ...(message.replyTo && { answers: { at: message.replyTo.id, text: message.replyTo.text } }),
    ...(message.reactions.length > 0 && { reactions: message.reactions.map(({ emoji }) => emoji) }),
    ...(message.editedAt && { editedAt: message.editedAt }),
    ...(message.unavailable && { isUnavailable: true }),
  }
}

/** Without addresses: they end. */
function presentAttached(one: MessageAttachment, names: ReadonlyMap<Id, MediaFileNames>): object {
  if (one.type === 'media')
    return {
      type: one.media?.type ?? 'media',
      file: (one.media && names.get(one.media.id)?.shown) ?? null,
    }
  if (one.type === 'post')
    return { type: 'post', postId: one.post?.id ?? null, author: one.post?.author.username ?? null }
  if (one.type === 'profile') return { type: 'profile', username: one.user?.username ?? null }
  return { type: 'story', isReply: one.isReply, storyId: one.story?.id ?? null }
}
