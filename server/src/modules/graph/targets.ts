import type { Relationship } from '@heliograph/contract/accounts'
import type { AccountRow, AccountsApi, Relations } from '#modules/accounts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'

export interface Targets {
  /** Whom the viewer may open; throws `user.not_found`. */
  visible(viewer: { id: Id }, username: string): Promise<AccountRow>
  /**
   * Also whom the viewer may no longer open but stands to in the way that is to end: a block can be lifted
   * after the other side has blocked as well, and a suspended account can be unfollowed.
   */
  held(
    viewer: { id: Id },
    username: string,
    holds: (relationship: Relationship) => boolean,
  ): Promise<AccountRow>
}

export function createTargets({
  accounts,
  relations,
}: {
  accounts: AccountsApi
  relations: Relations
}): Targets {
  return {
    visible: (viewer, username) => accounts.findVisibleUser(viewer, username),
    async held(viewer, username, holds) {
      const account = await accounts.resolveUsername(username)
      if (!account) throw fault('user.not_found')
      const relationship = (await relations.relationships(viewer.id, [account.id])).get(account.id)
      if (relationship && holds(relationship)) return account
      return accounts.findVisibleUser(viewer, username)
    },
  }
}
