import { limits } from '@heliograph/contract/limits'
import { isBreached } from './breached-passwords.ts'

/** The stems that guessing starts with; digits and signs around one of them do not help. */
const stems = new Set(
  `password passwort passw0rd p@ssw0rd p@ssword pa55word letmein welcome willkommen iloveyou ichliebedich
  sunshine princess football baseball basketball superman batman starwars pokemon dragon monkey shadow master
  michael jennifer jessica charlie jordan michelle ashley daniel andrew thomas hunter ranger buster killer
  trustno1 changeme qwerty qwertz qwertyuiop qwertzuiop asdfghjkl asdfasdf zxcvbnm yxcvbnm qazwsx qazwsxedc
  1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 zaq12wsx abcdefgh abcdefg abcdef abc123 a1b2c3d4 aa12345678 computer
  internet whatever nothing secret geheim hallo hello administrator admin adminadmin root login test testtest
  tester guest default access mustang corvette ferrari mercedes liverpool chelsea arsenal barcelona bayern
  schalke dortmund summer sommer winter spring autumn herbst blink182 freedom loveme lovely forever samsung
  google facebook instagram heliograph photo foto schatz hamster fluffy cookie chocolate cheese pepper ginger
  flower butterfly purple orange yellow rainbow diamond silver golden tigger snoopy mickey minnie scooter
  yankees eagles steelers cowboys lakers matrix merlin gandalf hogwarts naruto minecraft fortnite`
    .split(/\s+/)
    .filter(Boolean),
)

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm']

export interface PasswordOwner {
  username: string
  email: string
}

/** True when guessing would find it among the first: too short, a common one, or made of the own name. */
export function isWeakPassword(password: string, owner: PasswordOwner): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  if ([...plain].length < limits.passwordMin) return true
  if (new Set(plain).size < 4) return true
  return isBreached(plain) || isCommon(plain) || isRun(plain) || isOwnName(plain, owner)
}

function isCommon(plain: string): boolean {
  return stems.has(plain) || stems.has(trimExtras(plain)) || isRepeated(plain, (part) => stems.has(part))
}

/** `password123!` is `password` to whoever guesses. */
function trimExtras(plain: string): string {
  return plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
}

function isRepeated(plain: string, isBad: (part: string) => boolean): boolean {
  for (let size = 3; size <= plain.length / 2; size++) {
    const part = plain.slice(0, size)
    if (plain.length % size === 0 && plain === part.repeat(plain.length / size))
      return size < 5 || isBad(part)
  }
  return false
}

/** Neighbours on the keyboard or in the alphabet, in either direction. */
function isRun(plain: string): boolean {
  const backwards = [...plain].reverse().join('')
  return rows.some((row) => row.includes(plain) || row.includes(backwards))
}

function isOwnName(plain: string, { username, email }: PasswordOwner): boolean {
  const local = email.split('@')[0] ?? ''
  const names = [username, email, local].map((name) => name.toLowerCase()).filter((name) => name.length >= 3)
  return names.some((name) => plain === name || trimExtras(plain) === name || plain === name + name)
}
