import type { Mail } from '#platform/mail/mail.ts'
import type { FactorChange } from './factors-tables.ts'

interface Recipient {
  email: string
  username: string
  language: 'en' | 'de'
}

type Kind = FactorChange | 'second_step_failed'

const words: Record<'en' | 'de', { what: Record<Kind, readonly [subject: string, text: string]> } & Frame> = {
  en: {
    hello: (name) => `Hello @${name},`,
    ifNot: (link) =>
      `If that was you, there is nothing to do. If not, somebody has got into your account: change your password and sign out everywhere at

${link}`,
    ifNotMe: (link, forgotLink) =>
      `If that was you, there is nothing to do. If not, it opened nothing for them. Set another password, which you use nowhere else, at

${link}

Where you are not signed in, set a new one by mail:

${forgotLink}`,
    takeBack: (link) =>
      `If that was you, there is nothing to do. If not, open this link within seven days, and the account is yours again: it removes what was added since the day before, puts back an address that was changed, keeps the account if somebody is deleting it, signs everybody out and lets you set a new password.

${link}`,
    what: {
      totp_on: [
        'Codes are asked for now',
        'an app that makes codes was added to your account. From now on one is asked for after your password.',
      ],
      totp_off: ['Codes are asked for no more', 'the app that makes codes was removed from your account.'],
      passkey_added: [
        'A passkey was added',
        'a passkey was added to your account. It opens your account without a password.',
      ],
      passkey_removed: [
        'A passkey was removed',
        'a passkey was removed from your account. It no longer opens it.',
      ],
      recovery_codes_made: [
        'New recovery codes',
        'new recovery codes were made for your account. Those of before are void.',
      ],
      recovery_code_used: [
        'A recovery code was used',
        'one of your recovery codes was used, to sign in or to show who is there. It is void now.',
      ],
      reset: [
        'Your second step was switched off',
        'those who run this server removed all passkeys, apps and recovery codes from your account, and signed it out everywhere. Your password alone opens it now.',
      ],
      second_step_failed: [
        'Somebody knows your password',
        'somebody gave your password and then failed at the second step.',
      ],
    },
  },
  de: {
    hello: (name) => `Hallo @${name},`,
    ifNot: (link) =>
      `Warst du das, dann ist nichts zu tun. Wenn nicht, ist jemand in deinem Konto: Ändere dein Passwort und melde dich überall ab unter

${link}`,
    ifNotMe: (link, forgotLink) =>
      `Warst du das, dann ist nichts zu tun. Wenn nicht, hat es nichts geöffnet. Setze ein anderes Passwort, das du nirgends sonst verwendest, unter

${link}

Wo du nicht angemeldet bist, setzt du ein neues per Mail:

${forgotLink}`,
    takeBack: (link) =>
      `Warst du das, dann ist nichts zu tun. Wenn nicht, öffne innerhalb von sieben Tagen diesen Link, und das Konto gehört wieder dir: Er entfernt, was seit dem Tag davor dazukam, stellt eine geänderte Adresse wieder her, behält das Konto, falls jemand es gerade löscht, meldet alle Geräte ab und lässt dich ein neues Passwort setzen.

${link}`,
    what: {
      totp_on: [
        'Ab jetzt wird nach Codes gefragt',
        'zu deinem Konto kam eine App, die Codes erzeugt. Ab jetzt wird nach dem Passwort einer verlangt.',
      ],
      totp_off: [
        'Es wird nicht mehr nach Codes gefragt',
        'die App, die Codes erzeugt, wurde von deinem Konto entfernt.',
      ],
      passkey_added: [
        'Ein Passkey kam dazu',
        'zu deinem Konto kam ein Passkey. Er öffnet dein Konto ohne Passwort.',
      ],
      passkey_removed: [
        'Ein Passkey wurde entfernt',
        'ein Passkey wurde von deinem Konto entfernt. Er öffnet es nicht mehr.',
      ],
      recovery_codes_made: [
        'Neue Wiederherstellungscodes',
        'für dein Konto gibt es neue Wiederherstellungscodes. Die bisherigen gelten nicht mehr.',
      ],
      recovery_code_used: [
        'Ein Wiederherstellungscode wurde benutzt',
        'einer deiner Wiederherstellungscodes wurde benutzt, zum Anmelden oder um zu zeigen, wer da ist. Er gilt nicht mehr.',
      ],
      reset: [
        'Dein zweiter Schritt wurde ausgeschaltet',
        'die Betreiber dieses Servers haben alle Passkeys, Apps und Wiederherstellungscodes von deinem Konto entfernt und es überall abgemeldet. Jetzt öffnet es dein Passwort allein.',
      ],
      second_step_failed: [
        'Jemand kennt dein Passwort',
        'jemand hat dein Passwort angegeben und ist dann am zweiten Schritt gescheitert.',
      ],
    },
  },
}

interface Frame {
  hello(name: string): string
  ifNot(link: string): string
  /** Of what opened nothing. */
  ifNotMe(link: string, forgotLink: string): string
  takeBack(link: string): string
}

/** Whoever adds one to somebody else's account stays in it, and keeps its owner out. */
export type WayIn = 'totp_on' | 'passkey_added'

export const isWayIn = (kind: Kind): kind is WayIn => kind === 'totp_on' || kind === 'passkey_added'

/** Whoever holds an account is told of everything that opens it, or no longer does. */
export function factorMail(to: Recipient, kind: Kind, publicUrl: string): Mail {
  const link = `${publicUrl}/settings/security`
  return mailOf(to, kind, ({ ifNot, ifNotMe }) =>
    kind === 'second_step_failed' ? ifNotMe(link, `${publicUrl}/forgot`) : ifNot(link),
  )
}

/** A new password would not help against it: whoever did not add it takes it back. */
export function newFactorMail(to: Recipient, kind: WayIn, undoLink: string): Mail {
  return mailOf(to, kind, ({ takeBack }) => takeBack(undoLink))
}

function mailOf({ email, username, language }: Recipient, kind: Kind, end: (frame: Frame) => string): Mail {
  const frame = words[language]
  const [subject, sentence] = frame.what[kind]
  return { to: email, subject, text: `${frame.hello(username)}\n\n${sentence}\n\n${end(frame)}\n` }
}
