import type { MailRecipient } from '#modules/accounts'

export type ExportLanguage = MailRecipient['language']

export interface ExportWords {
  title(username: string): string
  posts: string
  stories: string
  messages: string
  data: string
  nothing: string
  back: string
  older: string
  newer: string
  /** Whoever may not be named. */
  nobody: string
  isMissing: string
  readme(username: string, day: string, files: string): string
  missing: string
}

/** What stands in a copy, in the language of whose it is. */
export const exportWords: Record<ExportLanguage, ExportWords> = {
  en: {
    title: (username) => `What is @${username}’s`,
    posts: 'Posts',
    stories: 'Stories',
    messages: 'Messages',
    data: 'Everything, as data',
    nothing: 'There is nothing here.',
    back: 'Back',
    older: 'Older messages',
    newer: 'Newer messages',
    nobody: 'Somebody',
    isMissing: 'This file is not in the copy.',
    readme: (username, day, files) => `This is a copy of everything of @${username}, made on ${day}.

Open index.html with a browser to look at your posts, Stories and messages: it needs no network. Where the copy came in several parts, unpack
all of them into one folder.

Beside it:
- data/: everything as JSON, one file for each kind (below).
- posts/, stories/, messages/, profile/: pictures, films and voice notes as others see them.
- posts/originals/ and the like: what you uploaded, unchanged. Your camera may have written into it where it was taken.

People whom you cannot see at present are not named, and what others took back is not in it.

${files}`,
    missing: 'These files should be in the copy. The server could not find them:',
  },
  de: {
    title: (username) => `Was @${username} gehört`,
    posts: 'Beiträge',
    stories: 'Storys',
    messages: 'Nachrichten',
    data: 'Alles als Daten',
    nothing: 'Hier ist nichts.',
    back: 'Zurück',
    older: 'Ältere Nachrichten',
    newer: 'Neuere Nachrichten',
    nobody: 'Jemand',
    isMissing: 'Diese Datei ist nicht in der Kopie.',
    readme: (username, day, files) => `Das ist eine Kopie von allem von @${username}, erstellt am ${day}.

Öffne index.html mit einem Browser, um Beiträge, Storys und Nachrichten anzusehen: Das geht ohne Netz. Kam die Kopie in mehreren Teilen, entpacke
alle in einen Ordner.

Daneben liegen:
- data/: alles als JSON, eine Datei für jede Art (siehe unten).
- posts/, stories/, messages/, profile/: Bilder, Videos und Sprachnachrichten, wie andere sie sehen.
- posts/originals/ und ähnliche: was du hochgeladen hast, unverändert. Darin kann stehen, wo es aufgenommen wurde.

Wen du zurzeit nicht sehen kannst, ist nicht genannt, und was andere zurückgenommen haben, ist nicht dabei.

${files}`,
    missing: 'Diese Dateien gehören in die Kopie. Der Server hat sie nicht gefunden:',
  },
}
