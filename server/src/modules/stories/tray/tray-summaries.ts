import type { AccountRow } from '#modules/accounts'
import type { StoriesDeps } from '../stories-deps.ts'

/**
 * `{"user":{…},` of each account, made once: a row of an account never changes, another one takes its place. The address of its
 * picture is another one from time to time.
 */
export function createSummaries({
  accounts,
  media,
  clock,
}: Pick<StoriesDeps, 'accounts' | 'media' | 'clock'>) {
  const made = new WeakMap<AccountRow, { text: string; until: number }>()
  return {
    of(account: AccountRow): string {
      const now = clock.now()
      const known = made.get(account)
      if (known && known.until > now) return known.text
      const text = `{"user":${JSON.stringify(accounts.presentSummary(account))},`
      made.set(account, { text, until: media.addressesChangeAt(true, now) })
      return text
    },
  }
}
