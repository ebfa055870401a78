import { limits } from '@heliograph/contract/limits'
import { dictionary } from '@zxcvbn-ts/language-common'

/**
 * The 49,233 most common passwords of published breaches, as zxcvbn-ts keeps them (MIT): nobody is asked, and nothing
 * leaves this machine. Some 5 MB in memory; the words below the shortest password stay for what is built around them.
 */
const breached: ReadonlySet<string> = new Set(dictionary['passwords-common'])

/** Digits and signs that people put around a word to please a form; guessing tries those first. */
const trimmings = 4

/** `password` in lower case. */
export function isBreached(password: string): boolean {
  if (breached.has(password)) return true
  const stem = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const isTrimmed =
    password.length - stem.length <= trimmings && stem.length >= limits.passwordMin - trimmings
  return isTrimmed && breached.has(stem)
}
