import type { MailRecipient } from '#modules/accounts'
import type { Mail } from '#platform/mail/mail.ts'

interface Decided {
  state: 'granted' | 'refused' | 'revoked'
  reason: string
}

/** What an admin decided, with the reason that was given for it. */
export function decidedMail(to: MailRecipient, { state, reason }: Decided, publicUrl: string): Mail {
  const link = `${publicUrl}/settings/verification`
  return { to: to.email, ...words[to.language][state](to.username, reason, link) }
}

type Words = (username: string, reason: string, link: string) => { subject: string; text: string }

const words: Record<MailRecipient['language'], Record<Decided['state'], Words>> = {
  en: {
    granted: (username, _reason, link) => ({
      subject: 'Your account is verified',
      text: `Hello @${username},

your account is verified: a mark beside your name now says so. It goes when you change your name or username.

What you sent to show who you are is erased in 30 days.

${link}
`,
    }),
    refused: (username, reason, link) => ({
      subject: 'Your request to be verified',
      text: `Hello @${username},

your request to be verified was not granted:

${reason}

You can ask again in 30 days. What you sent to show who you are is erased by then.

${link}
`,
    }),
    revoked: (username, reason, link) => ({
      subject: 'Your account is no longer verified',
      text: `Hello @${username},

the mark beside your name was taken away:

${reason}

${link}
`,
    }),
  },
  de: {
    granted: (username, _reason, link) => ({
      subject: 'Dein Konto ist verifiziert',
      text: `Hallo @${username},

dein Konto ist verifiziert: Ein Zeichen neben deinem Namen sagt es nun. Es geht verloren, wenn du deinen Namen oder Benutzernamen änderst.

Was du als Nachweis geschickt hast, wird in 30 Tagen gelöscht.

${link}
`,
    }),
    refused: (username, reason, link) => ({
      subject: 'Dein Antrag auf Verifizierung',
      text: `Hallo @${username},

dein Antrag auf Verifizierung wurde nicht angenommen:

${reason}

In 30 Tagen kannst du es wieder versuchen. Was du als Nachweis geschickt hast, ist dann gelöscht.

${link}
`,
    }),
    revoked: (username, reason, link) => ({
      subject: 'Dein Konto ist nicht mehr verifiziert',
      text: `Hallo @${username},

das Zeichen neben deinem Namen wurde entfernt:

${reason}

${link}
`,
    }),
  },
}
