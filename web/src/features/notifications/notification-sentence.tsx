import type { Notification } from '@heliograph/contract/notifications'
import { Fragment } from 'preact'
import { Verified } from '../people/verified.tsx'
import { n } from './notification-words.ts'

type Key = Parameters<typeof n>[0]

/** Stands where a name does while the words are put together: no text of a person has it. */
const mark = '\u{e000}'

/** "**ana** and 12 others liked your post", the name set off. */
export function Sentence({ item }: { item: Notification }) {
  const [first] = item.people
  const parts = sentenceOf(item).split(mark)
  return (
    <>
      {parts.map((part, at) => (
        <Fragment key={at}>
          {at > 0 && first ? (
            <>
              <b>{first.username}</b>
              <Verified user={first} />
            </>
          ) : null}
          {part}
        </Fragment>
      ))}
    </>
  )
}

function sentenceOf(item: Notification): string {
  const { kind, peopleCount, comment, message, story, decision, security } = item
  if (kind === 'security') return n(`security.${security ?? 'other'}`)
  if (kind === 'decision') return n(decisionKey(decision))
  if (kind === 'failed') return n(item.post ? 'failed.post' : 'failed.story')
  const who = peopleCount > 1 ? n('others', { name: mark, count: peopleCount - 1 }) : mark
  const text = (comment ?? message)?.text.replaceAll(mark, '') ?? ''
  const values = { who, count: peopleCount, text }
  if (kind === 'mention')
    return n(comment ? 'mention.comment' : story ? 'mention.story' : 'mention.post', values)
  if (kind === 'story_reply' && text === '') return n('story_reply.plain', values)
  return n(kind, values)
}

function decisionKey(decision: Notification['decision']): Key {
  const key = `${decision?.subject}.${decision?.act}`
  switch (key) {
    case 'post.remove':
    case 'post.sensitive':
    case 'comment.remove':
    case 'story.remove':
    case 'message.remove':
    case 'account.remove':
      return `decision.${key}`
    default:
      return 'decision.other'
  }
}

/** Where a row leads. */
export function targetOf(
  { kind, people, peopleCount, post, story, conversationId, security }: Notification,
  ownName: string,
): string {
  const [first] = people
  switch (kind) {
    case 'security':
      if (security?.startsWith('verif')) return '/settings/verification'
      return security?.startsWith('export_') ? '/settings/your-data' : '/settings/security'
    case 'request':
      return first ? `/${first.username}` : '/requests'
    case 'follow':
      return peopleCount > 1 || !first ? `/${ownName}/followers` : `/${first.username}`
    case 'accepted':
      return first ? `/${first.username}` : '/'
    case 'failed':
      return post ? `/p/${post.id}` : `/stories/${ownName}`
    case 'story_reaction':
      return `/stories/${ownName}`
    case 'mention':
      if (story && first) return `/stories/${first.username}`
      return post ? `/p/${post.id}` : '/'
    case 'story_reply':
    case 'message_request':
      return conversationId === undefined ? '/messages' : `/messages/${conversationId}`
    default:
      return post ? `/p/${post.id}` : `/${ownName}`
  }
}
