import type { Mail } from '#platform/mail/mail.ts'

type Language = 'en' | 'de'

interface Recipient {
  email: string
  username: string
  language: Language
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
