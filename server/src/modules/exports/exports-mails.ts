import type { MailRecipient } from '#modules/accounts'
import type { Mail } from '#platform/mail/mail.ts'

/** Without an address that leads to it: whoever reads the mail has to be signed in and show that it is them. */
export function readyMail({ email, username, language }: MailRecipient, until: string, link: string): Mail {
  const words = {
    en: {
      subject: 'Your copy is ready',
      text: `Hello @${username},

the copy of everything of yours is ready. You can download it until ${until}:

${link}

If it was not you who asked for it, change your password and look at who is signed in.
`,
    },
    de: {
      subject: 'Deine Kopie ist fertig',
      text: `Hallo @${username},

die Kopie von allem, was dir gehört, ist fertig. Bis zum ${until} kannst du sie herunterladen:

${link}

Hast nicht du sie angefordert, dann ändere dein Passwort und sieh nach, wer angemeldet ist.
`,
    },
  }
  return { to: email, ...words[language] }
}
