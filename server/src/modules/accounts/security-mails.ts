import type { Mail } from '#platform/mail/mail.ts'
import type { Recipient } from './accounts-mails.ts'

/** To the address of before: whoever reads mail there can undo it. */
export function emailChangedMail(to: Recipient, newEmail: string, undoLink: string): Mail {
  const { email, username, language } = to
  const words = {
    en: {
      subject: 'The e-mail address of your account was changed',
      text: `Hello @${username},

from now on mail for your account goes to ${masked(newEmail)}.

If that was you, there is nothing to do. If not, open this link within seven days: it puts this address back, signs everybody out and lets you set a new password.

${undoLink}
`,
    },
    de: {
      subject: 'Die E-Mail-Adresse deines Kontos wurde geändert',
      text: `Hallo @${username},

ab jetzt geht Post für dein Konto an ${masked(newEmail)}.

Warst du das, dann ist nichts zu tun. Wenn nicht, öffne innerhalb von sieben Tagen diesen Link: Er stellt diese Adresse wieder her, meldet alle Geräte ab und lässt dich ein neues Passwort setzen.

${undoLink}
`,
    },
  }
  return { to: email, ...words[language] }
}

export function passwordChangedMail({ email, username, language }: Recipient, forgotLink: string): Mail {
  const words = {
    en: {
      subject: 'Your password was changed',
      text: `Hello @${username},

the password of your account was just changed, and other devices were signed out.

If that was you, there is nothing to do. If not, set a new one here:

${forgotLink}
`,
    },
    de: {
      subject: 'Dein Passwort wurde geändert',
      text: `Hallo @${username},

das Passwort deines Kontos wurde gerade geändert, und andere Geräte wurden abgemeldet.

Warst du das, dann ist nichts zu tun. Wenn nicht, setze hier ein neues:

${forgotLink}
`,
    },
  }
  return { to: email, ...words[language] }
}

export interface SignInWords {
  /** “Firefox, Android”; undefined where the software does not say. */
  device: string | undefined
  /** In the recipient's own zone and language. */
  when: string
}

export function newSignInMail(
  { email, username, language }: Recipient,
  { device, when }: SignInWords,
  settingsLink: string,
): Mail {
  const words = {
    en: {
      subject: 'A sign-in from a new device',
      text: `Hello @${username},

somebody signed in to your account from a device that was not seen before: ${device ?? 'an unknown device'}, ${when}.

If that was you, there is nothing to do. If not, end that session and change your password here:

${settingsLink}
`,
    },
    de: {
      subject: 'Eine Anmeldung von einem neuen Gerät',
      text: `Hallo @${username},

jemand hat sich von einem Gerät bei deinem Konto angemeldet, das hier noch nicht bekannt war: ${device ?? 'ein unbekanntes Gerät'}, ${when}.

Warst du das, dann ist nichts zu tun. Wenn nicht, beende diese Sitzung und ändere dein Passwort hier:

${settingsLink}
`,
    },
  }
  return { to: email, ...words[language] }
}

/** Enough to know one's own address by: `a…@example.org`. */
function masked(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  return `${[...local][0] ?? ''}…@${domain}`
}
