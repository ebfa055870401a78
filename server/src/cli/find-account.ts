import type { AccountRow } from '#modules/accounts'
import type { App } from '../app.ts'
import { CommandFault } from './command-fault.ts'

export async function findAccount({ modules }: App, username: string): Promise<AccountRow> {
  const account = await modules.accounts.api.resolveUsername(username.replace(/^@/, ''))
  if (account === null) throw new CommandFault(`There is no account ${username}.`)
  return account
}
