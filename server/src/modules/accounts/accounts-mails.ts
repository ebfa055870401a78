import type { Mail } from '#platform/mail/mail.ts'

export interface Recipient {
  email: string
  username: string
  language: 'en' | 'de'
}

/** The first mail after sign-up: its link proves that the address is the person's own. */
export function verificationMail({ email, username, language }: Recipient, link: string): Mail {
  const words = {
    en: {
      subject: 'Is this your address?',
      text: `Hello @${username},

please open this link to confirm your e-mail address. It is good for three days.

${link}

After that you can also sign in with the address. If you did not sign up, ignore this mail.
`,
    },
    de: {
      subject: 'Ist das deine Adresse?',
      text: `Hallo @${username},

öffne bitte diesen Link, um deine E-Mail-Adresse zu bestätigen. Er gilt drei Tage.

${link}

Danach kannst du dich auch mit der Adresse anmelden. Hast du dich nicht registriert, dann beachte diese Mail nicht.
`,
    },
  }
  return { to: email, ...words[language] }
}

/** To the owner of a verified address with which somebody signed up again; whoever did is told nothing. */
export function addressUsedMail({ email, username, language }: Recipient, newUsername: string): Mail {
  const words = {
    en: {
      subject: 'Your address was used for a new account',
      text: `Hello @${username},

somebody made the account @${newUsername} and gave your e-mail address. The address stays with your account, and nobody learned that you have one.

If that was you, sign in as before. If not, there is nothing to do.
`,
    },
    de: {
      subject: 'Deine Adresse wurde für ein neues Konto angegeben',
      text: `Hallo @${username},

jemand hat das Konto @${newUsername} angelegt und deine E-Mail-Adresse angegeben. Die Adresse bleibt bei deinem Konto, und niemand hat erfahren, dass du eines hast.

Warst du das, dann melde dich wie bisher an. Wenn nicht, ist nichts zu tun.
`,
    },
  }
  return { to: email, ...words[language] }
}

/** To an address that somebody with an account wants to change to. */
export function newAddressMail({ email, username, language }: Recipient, link: string): Mail {
  const words = {
    en: {
      subject: 'Is this your new address?',
      text: `Hello @${username},

you want to use this address for your account from now on. Open this link where you are signed in; it is good for three days.

${link}

Until then your old address stays. If that was not you, ignore this mail.
`,
    },
    de: {
      subject: 'Ist das deine neue Adresse?',
      text: `Hallo @${username},

du möchtest diese Adresse künftig für dein Konto verwenden. Öffne diesen Link dort, wo du angemeldet bist; er gilt drei Tage.

${link}

Bis dahin bleibt deine alte Adresse. Warst du das nicht, dann beachte diese Mail nicht.
`,
    },
  }
  return { to: email, ...words[language] }
}

/** To the owner of a verified address that another account wanted to change to; whoever did is told nothing. */
export function addressWantedMail({ email, username, language }: Recipient, otherUsername: string): Mail {
  const words = {
    en: {
      subject: 'Another account wanted to use your address',
      text: `Hello @${username},

@${otherUsername} wanted to change to your e-mail address. The address stays with your account, and nobody learned that you have one.

If that was you, change the address of this account first. If not, there is nothing to do.
`,
    },
    de: {
      subject: 'Ein anderes Konto wollte deine Adresse verwenden',
      text: `Hallo @${username},

@${otherUsername} wollte zu deiner E-Mail-Adresse wechseln. Die Adresse bleibt bei deinem Konto, und niemand hat erfahren, dass du eines hast.

Warst du das, dann ändere zuerst die Adresse dieses Kontos. Wenn nicht, ist nichts zu tun.
`,
    },
  }
  return { to: email, ...words[language] }
}

export function resetMail({ email, username, language }: Recipient, link: string): Mail {
  const words = {
    en: {
      subject: 'A new password for your account',
      text: `Hello @${username},

somebody, you most likely, forgot the password of your account. Open this link to set a new one. It works once, within an hour.

${link}

If that was not you, ignore this mail: nothing has changed.
`,
    },
    de: {
      subject: 'Ein neues Passwort für dein Konto',
      text: `Hallo @${username},

jemand, vermutlich du, hat das Passwort deines Kontos vergessen. Öffne diesen Link, um ein neues zu setzen. Er funktioniert einmal, innerhalb einer Stunde.

${link}

Warst du das nicht, dann beachte diese Mail nicht: Es hat sich nichts geändert.
`,
    },
  }
  return { to: email, ...words[language] }
}

/** Where sign-ups are approved: to whoever was let in. */
export function approvedMail({ email, username, language }: Recipient, link: string): Mail {
  const words = {
    en: {
      subject: 'Your account is open',
      text: `Hello @${username},

those who run this server have let you in. Sign in here:

${link}
`,
    },
    de: {
      subject: 'Dein Konto ist offen',
      text: `Hallo @${username},

wer diesen Server betreibt, hat dich hereingelassen. Hier kannst du dich anmelden:

${link}
`,
    },
  }
  return { to: email, ...words[language] }
}
