import { randomBytes } from 'node:crypto'
import { Role } from '@heliograph/contract/accounts'
import { Problem } from '@heliograph/contract/common'
import { Argument, type Command } from 'commander'
import type { AccountListing, AccountRow } from '#modules/accounts'
import type { OwnQuota } from '#modules/media'
import type { App } from '../app.ts'
import { CommandFault } from './command-fault.ts'
import type { Cell } from './printer.ts'
import { type Tools, wholeNumber } from './tools.ts'

export function addUsersCommands(program: Command, tools: Tools): void {
  const users = program.command('users').description('the accounts of this server')
  addReading(users, tools)
  addMaking(users, tools)
  addChanging(users, tools)
}

function addReading(users: Command, { withApp, printerOf }: Tools): void {
  users
    .command('list')
    .description('accounts, oldest first')
    .option('--after <id>', 'go on after this id')
    .option('--limit <count>', 'how many at most', wholeNumber, 100)
    .action(async ({ after, limit }: { after?: string; limit: number }, command: Command) => {
      const found = await withApp(({ modules }) => modules.accounts.api.listAccounts(after ?? null, limit))
      const printer = printerOf(command)
      printer.rows(found.map(factsOf), 'There are no accounts yet.')
      if (found.length === limit) printer.line(`More: --after ${found.at(-1)?.id}`)
    })

  users
    .command('show')
    .description('one account')
    .argument('<username>')
    .action(async (username: string, _options: object, command: Command) => {
      const facts = await withApp(async (app) => {
        const account = await find(app, username)
        const [listing] = await app.modules.accounts.api.listAccounts(String(BigInt(account.id) - 1n), 1)
        if (listing?.id !== account.id) throw new CommandFault(`There is no account ${username}.`)
        return {
          ...factsOf(listing),
          fullName: account.fullName,
          private: account.isPrivate,
          verified: account.isVerified,
        }
      })
      printerOf(command).facts(facts)
    })
}

function addMaking(users: Command, { withApp, printerOf, config }: Tools): void {
  users
    .command('create')
    .description('sign somebody up')
    .argument('<username>')
    .argument('<email>')
    .option('--password <password>', 'otherwise one is made up and shown')
    .action(async (username: string, email: string, options: { password?: string }, command: Command) => {
      const password = options.password ?? madeUpPassword()
      await withApp((app) => signUp(app, { username, email, password }))
      printerOf(command).facts(options.password === undefined ? { username, password } : { username })
    })

  users
    .command('owner-link')
    .description('a fresh one-time link whose sign-up becomes the owner')
    .action(async (_options: object, command: Command) => {
      const code = await withApp(({ modules }) => modules.accounts.api.newOwnerCode())
      if (code === null)
        throw new CommandFault('This server has its owner. See: heliograph users promote --help')
      printerOf(command).facts({ link: `${config().http.publicUrl}/welcome#code=${code}` })
    })
}

function addChanging(users: Command, { withApp, printerOf }: Tools): void {
  const role = () => new Argument('<role>').choices(Role.options)
  const done = (command: Command, facts: Record<string, Cell>) => printerOf(command).facts(facts)

  const changeRoles =
    (change: (roles: Set<Role>, role: Role) => void) =>
    async (username: string, role: Role, _options: object, command: Command) => {
      const roles = await withApp(async (app) => {
        const { id } = await find(app, username)
        const [listing] = await app.modules.accounts.api.listAccounts(String(BigInt(id) - 1n), 1)
        const changed = new Set(listing?.roles)
        change(changed, role)
        await app.modules.accounts.api.setRoles(id, [...changed])
        return [...changed]
      })
      done(command, { username, roles: roles.join(', ') || 'none' })
    }

  users
    .command('promote')
    .description('give a role')
    .argument('<username>')
    .addArgument(role())
    .action(changeRoles((roles, role) => roles.add(role)))
  users
    .command('demote')
    .description('take a role away')
    .argument('<username>')
    .addArgument(role())
    .action(changeRoles((roles, role) => roles.delete(role)))

  const changeState =
    (state: 'suspended' | 'active') => async (username: string, _options: object, command: Command) => {
      await withApp(async (app) => {
        const { id } = await find(app, username)
        await app.modules.accounts.api.setState(id, state)
      })
      done(command, { username, state })
    }
  users
    .command('suspend')
    .description('end all sessions and hide the account')
    .argument('<username>')
    .action(changeState('suspended'))
  users
    .command('restore')
    .description('let a suspended account in again')
    .argument('<username>')
    .action(changeState('active'))

  users
    .command('quota')
    .description(
      'how much an account may keep: so many MiB, none for no limit, default for that of the settings',
    )
    .argument('<username>')
    .argument('<limit>', 'MiB, none or default', quotaOf)
    .action(async (username: string, quota: OwnQuota, _options: object, command: Command) => {
      const { usedBytes, quotaBytes } = await withApp(async (app) => {
        const { id } = await find(app, username)
        await app.modules.media.api.quotas.setOwn(id, quota)
        return await app.modules.media.api.quotas.of(id)
      })
      done(command, { username, usedBytes, quotaBytes: quotaBytes ?? 'none' })
    })

  users
    .command('reset-second-factor')
    .description('for somebody who lost them: remove passkeys, app and recovery codes, and end all sessions')
    .argument('<username>')
    .option('--note <text>', 'why, for the log', '')
    .action(async (username: string, { note }: { note: string }, command: Command) => {
      await withApp(async (app) => {
        const { id } = await find(app, username)
        await app.modules.admin.api.acts.resetSecondFactor('operator', id, note)
      })
      done(command, { username, secondFactor: 'off' })
    })

  users
    .command('password')
    .description('set a new password and end all sessions')
    .argument('<username>')
    .option('--password <password>', 'otherwise one is made up and shown')
    .action(async (username: string, options: { password?: string }, command: Command) => {
      const password = options.password ?? madeUpPassword()
      await withApp(async (app) => {
        const { id } = await find(app, username)
        await app.modules.accounts.api.setPassword(id, password)
      })
      done(command, options.password === undefined ? { username, password } : { username })
    })
}

function quotaOf(text: string): OwnQuota {
  return text === 'none' || text === 'default' ? text : wholeNumber(text) * 1024 * 1024
}

async function find({ modules }: App, username: string): Promise<AccountRow> {
  const account = await modules.accounts.api.resolveUsername(username.replace(/^@/, ''))
  if (account === null) throw new CommandFault(`There is no account ${username}.`)
  return account
}

/** Over the API, so that nothing is checked less here than there. */
async function signUp({ http }: App, payload: { username: string; email: string; password: string }) {
  const response = await http.app.inject({ method: 'POST', url: '/api/accounts', payload })
  if (response.statusCode === 201) return
  const { title, detail, errors = [] } = Problem.parse(response.json())
  const reasons = errors.map(({ path, message }) => `${path.replace(/^body\./, '')} ${message}`)
  throw new CommandFault([title, detail, ...reasons].filter(Boolean).join(' '))
}

function madeUpPassword(): string {
  return randomBytes(15).toString('base64url')
}

function factsOf(account: AccountListing): Record<string, Cell> {
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    emailVerified: account.isEmailVerified,
    state: account.state,
    roles: account.roles.join(', '),
    createdAt: account.createdAt.toISOString(),
  }
}
