import type { Mail } from '#platform/mail/mail.ts'
import type { Recipient } from './accounts-mails.ts'

export function leavingMail(
  { email, username, language }: Recipient,
  when: string,
  signInLink: string,
): Mail {
  const words = {
    en: {
      subject: 'Your account will be deleted',
      text: `Hello @${username},

your account is hidden now, and everything of it will be deleted on ${when}.

Sign in before that day, and all of it is back:

${signInLink}

If it was not you who deleted it, sign in and change your password. Where a passkey or a code that is not yours is asked for, open the link in the mail that told of it first.
`,
    },
    de: {
      subject: 'Dein Konto wird gelöscht',
      text: `Hallo @${username},

dein Konto ist jetzt nicht mehr zu sehen, und am ${when} wird alles davon gelöscht.

Melde dich vorher an, dann ist alles wieder da:

${signInLink}

Hast nicht du es gelöscht, dann melde dich an und ändere dein Passwort. Wird ein Passkey oder ein Code verlangt, der nicht deiner ist, dann öffne zuerst den Link in der Mail darüber.
`,
    },
  }
  return { to: email, ...words[language] }
}

export function stayedMail({ email, username, language }: Recipient, securityLink: string): Mail {
  const words = {
    en: {
      subject: 'Your account stays',
      text: `Hello @${username},

somebody signed in to your account, so it will not be deleted, and everything of it is back.

If that was not you, look here at who is signed in, and change your password:

${securityLink}
`,
    },
    de: {
      subject: 'Dein Konto bleibt',
      text: `Hallo @${username},

dein Konto wird nicht gelöscht, denn jemand hat sich angemeldet, und alles davon ist wieder da.

Warst das nicht du, dann sieh hier nach, wer angemeldet ist, und ändere dein Passwort:

${securityLink}
`,
    },
  }
  return { to: email, ...words[language] }
}
