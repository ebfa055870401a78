import { Role, SignedIn } from '@heliograph/contract/accounts'
import { Problem } from '@heliograph/contract/common'
import { type AccountState, accountStates } from '@heliograph/contract/roles'
import { type Command, Option } from 'commander'
import type { AccountListing, Suspension } from '#modules/accounts'
import type { App } from '../app.ts'
import { CommandFault } from './command-fault.ts'
import { findAccount } from './find-account.ts'
import {
  givenPassword,
  madeUpPassword,
  type PasswordOptions,
  passwordInputOption,
  passwordOption,
} from './given-password.ts'
import type { Cell } from './printer.ts'
import { type Tools, wholeNumber } from './tools.ts'
import { addUsersActs } from './users-acts.ts'

export function addUsersCommands(program: Command, tools: Tools): void {
  const users = program.command('users').description('the accounts of this server')
  addReading(users, tools)
  addMaking(users, tools)
  addUsersActs(users, tools)
}

interface ListOptions {
  emails?: true
  after?: string
  limit: number
  state?: AccountState
  role?: Role
}

function addReading(users: Command, { withApp, printerOf }: Tools): void {
  users
    .command('list')
    .description('accounts, oldest first')
    .option('--after <id>', 'go on after this id')
    .option('--limit <count>', 'how many at most', wholeNumber, 100)
    .addOption(new Option('--state <state>', 'only those').choices(accountStates))
    .addOption(new Option('--role <role>', 'only those').choices(Role.options))
    .addOption(emailsOption())
    .action(async ({ after, limit, emails, ...filter }: ListOptions, command: Command) => {
      const found = await withApp(async ({ modules }) => {
        const accounts = await modules.accounts.api.listAccounts(after ?? null, limit, filter)
        if (emails)
          await modules.admin.api.operator.noteBegun('account.emails_listed', { accounts: accounts.length })
        return accounts
      })
      const printer = printerOf(command)
      printer.rows(
        found.map((account) => factsOf(account, emails)),
        'There are no accounts yet.',
      )
      if (found.length === limit) printer.line(`More: --after ${found.at(-1)?.id}`)
    })

  users
    .command('show')
    .description('one account')
    .argument('<username>')
    .addOption(emailsOption())
    .action(async (username: string, { emails }: { emails?: true }, command: Command) => {
      const facts = await withApp(async (app) => {
        const account = await findAccount(app, username)
        const [listing] = await app.modules.accounts.api.listAccounts(String(BigInt(account.id) - 1n), 1)
        if (listing?.id !== account.id) throw new CommandFault(`There is no account ${username}.`)
        if (emails) await app.modules.admin.api.operator.noteEmailSeen(account.id)
        return {
          ...factsOf(listing, emails),
          ...suspensionFacts(await app.modules.accounts.api.suspensionOf(account.id)),
          fullName: account.fullName,
          private: account.isPrivate,
          verified: account.isVerified,
        }
      })
      printerOf(command).facts(facts)
    })
}

function addMaking(users: Command, { withApp, printerOf, config, readLine }: Tools): void {
  users
    .command('create')
    .description('sign somebody up')
    .argument('<username>')
    .argument('<email>')
    .addOption(passwordOption())
    .addOption(passwordInputOption())
    .option('--birth-date <date>', 'where there is a minimum age, like 1990-12-31')
    .action(async (username: string, email: string, options: NewAccountOptions, command: Command) => {
      const given = await givenPassword(options, readLine)
      const password = given ?? madeUpPassword()
      const { birthDate } = options
      await withApp(async (app) => {
        await signUp(app, { username, email, password, ...(birthDate && { birthDate }) })
        await app.modules.admin.api.operator.noteCreated((await findAccount(app, username)).id)
      })
      printerOf(command).facts(given === undefined ? { username, password } : { username })
    })

  users
    .command('owner-link')
    .description('a fresh one-time link whose sign-up becomes the owner')
    .action(async (_options: object, command: Command) => {
      const code = await withApp(({ modules }) => modules.admin.api.operator.newOwnerCode())
      if (code === null)
        throw new CommandFault('This server has its owner. See: heliograph users promote --help')
      printerOf(command).facts({ link: `${config().http.publicUrl}/welcome#code=${code}` })
    })
}

interface NewAccountOptions extends PasswordOptions {
  birthDate?: string
}

interface NewAccount {
  username: string
  email: string
  password: string
  birthDate?: string
}

/** Over the API, so that nothing is checked less here than there; by an invitation, which opens every door. */
async function signUp({ http, modules }: App, account: NewAccount) {
  const { invitations } = modules.accounts.api
  const { row, code } = await invitations.create(null, { maxUses: 1, days: 1, note: account.username })
  const payload = { ...account, invitation: code }
  const response = await http.app.inject({ method: 'POST', url: '/api/accounts', payload })
  if (response.statusCode === 201) {
    // Nobody stands at a device of theirs yet.
    const { token } = SignedIn.parse(response.json())
    if (token === undefined) return
    const headers = { authorization: `Bearer ${token}` }
    await http.app.inject({ method: 'DELETE', url: '/api/sessions?all=true', headers })
    return
  }
  await invitations.withdraw(null, row.id)
  const { title, detail, errors = [] } = Problem.parse(response.json())
  const reasons = errors.map(({ path, message }) => `${path.replace(/^body\./, '')} ${message}`)
  throw new CommandFault([title, detail, ...reasons].filter(Boolean).join(' '))
}

const emailsOption = () => new Option('--emails', 'with the address, which stands in the log then')

function factsOf(account: AccountListing, emails: true | undefined): Record<string, Cell> {
  return {
    id: account.id,
    username: account.username,
    ...(emails && { email: account.email }),
    emailVerified: account.isEmailVerified,
    state: account.state,
    roles: account.roles.join(', '),
    createdAt: account.createdAt.toISOString(),
  }
}

function suspensionFacts(suspension: Suspension | null): Record<string, Cell> {
  return suspension
    ? { suspendedUntil: suspension.until?.toISOString() ?? 'no end', suspensionReason: suspension.reason }
    : {}
}
