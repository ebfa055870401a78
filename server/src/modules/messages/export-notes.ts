import type { Message, MessageAttachment, MessageNotice } from '@heliograph/contract/messages'
import type { Language } from '@heliograph/contract/preferences'

type Note = Readonly<Record<Language, string>>

/** What stands in a message beside its words and pictures, for whoever reads a copy of it without the app. */
export function notesOf({ notice, attachments, replyTo, reactions, unavailable, editedAt }: Message): Note[] {
  if (unavailable)
    return [{ en: 'This message is not there any more.', de: 'Diese Nachricht gibt es nicht mehr.' }]
  if (notice) return [noteOfNotice(notice)]
  const answered = replyTo?.text
    ? [{ en: `Answers “${replyTo.text}”`, de: `Antwortet auf „${replyTo.text}“` }]
    : []
  const edited = editedAt ? [{ en: 'Edited', de: 'Bearbeitet' }] : []
  const signs = reactions.map(({ emoji }) => emoji).join(' ')
  const reacted = signs ? [{ en: `Reactions: ${signs}`, de: `Reaktionen: ${signs}` }] : []
  return [...answered, ...attachments.flatMap(noteOfAttached), ...reacted, ...edited]
}

function noteOfNotice({ kind, users, name = '' }: MessageNotice): Note {
  const whom = users.map(({ username }) => `@${username}`).join(', ')
  const notes: Record<MessageNotice['kind'], Note> = {
    created: { en: 'Began the group', de: 'Hat die Gruppe begonnen' },
    added: { en: `Added ${whom}`, de: `Hat ${whom} hinzugefügt` },
    removed: { en: `Removed ${whom}`, de: `Hat ${whom} entfernt` },
    left: { en: 'Left', de: 'Ist gegangen' },
    named: { en: `Named the group “${name}”`, de: `Hat die Gruppe „${name}“ genannt` },
    pictured: { en: 'Changed the group’s picture', de: 'Hat das Bild der Gruppe geändert' },
    made_admin: { en: `Made ${whom} an admin`, de: `Lässt ${whom} die Gruppe mit verwalten` },
    unmade_admin: {
      en: `Made ${whom} an admin no longer`,
      de: `Lässt ${whom} die Gruppe nicht mehr mit verwalten`,
    },
  }
  return notes[kind]
}

function noteOfAttached(one: MessageAttachment): Note[] {
  const gone = { en: 'Something that is not there any more', de: 'Etwas, das es nicht mehr gibt' }
  if (one.type === 'media') return one.media ? [] : [gone]
  if (one.type === 'post') {
    const author = one.post?.author.username
    return [author ? { en: `A post by @${author}`, de: `Ein Beitrag von @${author}` } : gone]
  }
  if (one.type === 'profile') {
    const name = one.user?.username
    return [name ? { en: `The profile of @${name}`, de: `Das Profil von @${name}` } : gone]
  }
  return [
    one.isReply
      ? { en: 'Answers a Story', de: 'Antwortet auf eine Story' }
      : { en: 'A Story', de: 'Eine Story' },
  ]
}
