import { resolve } from 'node:path'
import { Role } from '@heliograph/contract/accounts'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import type { AccountRow } from '#modules/accounts'
import type { OwnQuota } from '#modules/media'
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

/** What changes an account. Each act stands in the log, as the operator's. */
export function addUsersActs(users: Command, tools: Tools): void {
  addRoles(users, tools)
  addLettingIn(users, tools)
  addSuspending(users, tools)
  addLeaving(users, tools)
  addHelping(users, tools)
  addMark(users, tools)
  addQuota(users, tools)
  addExport(users, tools)
}

type Acts = App['modules']['admin']['api']['acts']

/** Finds the account, does it, and prints what is so now. */
function act<Options>(
  { withApp, printerOf }: Tools,
  work: (acts: Acts, account: AccountRow, options: Options, app: App) => Promise<Record<string, Cell>>,
) {
  return async (username: string, options: Options, command: Command) => {
    const facts = await withApp(async (app) => {
      const account = await findAccount(app, username)
      return {
        username: account.username,
        ...(await work(app.modules.admin.api.acts, account, options, app)),
      }
    })
    printerOf(command).facts(facts)
  }
}

function addRoles(users: Command, tools: Tools): void {
  const change =
    (to: (roles: Set<Role>, role: Role) => void) =>
    (username: string, role: Role, _: object, command: Command) =>
      act(tools, async (acts, { id }, _options: object, { modules }) => {
        const roles = new Set(await modules.accounts.api.rolesOf(id))
        to(roles, role)
        await acts.setRoles('operator', id, [...roles])
        return { roles: [...roles].join(', ') || 'none' }
      })(username, {}, command)
  const role = () => new Argument('<role>').choices(Role.options)
  users
    .command('promote')
    .description('give a role')
    .argument('<username>')
    .addArgument(role())
    .action(change((roles, one) => roles.add(one)))
  users
    .command('demote')
    .description('take a role away; the last owner stays')
    .argument('<username>')
    .addArgument(role())
    .action(change((roles, one) => roles.delete(one)))
}

function addLettingIn(users: Command, tools: Tools): void {
  const words = {
    approve: 'let somebody in who waits (users list --state waiting), and tell them',
    refuse: 'take away an account that waits: its name and address are free again',
  } as const
  for (const [decision, description] of Object.entries(words) as [keyof typeof words, string][])
    users
      .command(decision)
      .description(description)
      .argument('<username>')
      .option('--note <words>', 'why, for the log', '')
      .action(
        act(tools, async (acts, { id }, { note }: { note: string }) => {
          await acts.decideSignUp('operator', id, decision, note)
          return { state: decision === 'approve' ? 'active' : 'gone' }
        }),
      )
}

function addSuspending(users: Command, tools: Tools): void {
  users
    .command('suspend')
    .description('end all sessions and hide the account; all of it is kept')
    .argument('<username>')
    .requiredOption('--reason <words>', 'its holder reads them at signing in')
    .option('--days <count>', 'ends by itself after so many', wholeNumber)
    .action(
      act(tools, async (acts, { id }, { reason, days }: { reason: string; days?: number }) => {
        if (reason.trim() === '') throw new InvalidArgumentError('say why')
        const until = days === undefined ? null : new Date(Date.now() + days * 86_400_000)
        await acts.suspend('operator', id, { reason: reason.trim(), until })
        return { state: 'suspended', until: until?.toISOString() ?? null }
      }),
    )
  users
    .command('unsuspend')
    .alias('restore')
    .description('let a suspended account in again')
    .argument('<username>')
    .option('--note <words>', 'why, for the log', '')
    .action(
      act(tools, async (acts, { id }, { note }: { note: string }, { modules }) => {
        await acts.unsuspend('operator', id, note)
        const now = (await modules.accounts.api.directory.find(id))?.account
        return { state: now?.state ?? 'active' }
      }),
    )
}

function addLeaving(users: Command, tools: Tools): void {
  users
    .command('delete')
    .description(
      'hide the account and take everything of it away in 30 days, unless its holder signs in before',
    )
    .argument('<username>')
    .option('--now', 'do not wait: nothing brings it back')
    .option('--note <words>', 'why, for the log', '')
    .action(
      act(tools, async (acts, { id }, { now, note }: { now?: true; note: string }, { modules }) => {
        await acts.delete('operator', id, note, ...(now ? ['now' as const] : []))
        const deleteAt = await modules.accounts.api.leaving.leavingAt(id)
        return { state: now ? 'deleted' : 'deactivated', deleteAt: deleteAt?.toISOString() ?? 'now' }
      }),
    )
  users
    .command('keep')
    .description('an account that is about to be deleted stays')
    .argument('<username>')
    .option('--note <words>', 'why, for the log', '')
    .action(
      act(tools, async (acts, { id }, { note }: { note: string }, { modules }) => {
        await acts.keep('operator', id, note)
        const now = (await modules.accounts.api.directory.find(id))?.account
        return { state: now?.state ?? 'active' }
      }),
    )
}

function addHelping(users: Command, tools: Tools): void {
  users
    .command('reset-password')
    .description('a link that sets a new password once, within the hour; hand it on yourself')
    .argument('<username>')
    .option('--note <words>', 'why, for the log', '')
    .action(
      act(tools, async (_acts, { id }, { note }: { note: string }, { modules }) => ({
        link: await modules.admin.api.operator.newResetLink(id, note),
      })),
    )
  users
    .command('reset-second-factor')
    .description('for somebody who lost them: remove passkeys, app and recovery codes, and end all sessions')
    .argument('<username>')
    .option('--note <text>', 'why, for the log', '')
    .action(
      act(tools, async (acts, { id }, { note }: { note: string }) => {
        await acts.resetSecondFactor('operator', id, note)
        return { secondFactor: 'off' }
      }),
    )
  users
    .command('password')
    .description('set a new password and end all sessions')
    .argument('<username>')
    .addOption(passwordOption())
    .addOption(passwordInputOption())
    .action(
      act(tools, async (_acts, { id }, options: PasswordOptions, { modules }) => {
        const given = await givenPassword(options, tools.readLine)
        const password = given ?? madeUpPassword()
        await modules.admin.api.operator.setPassword(id, password)
        const made: Record<string, Cell> = given === undefined ? { password } : {}
        return made
      }),
    )
}

function addMark(users: Command, tools: Tools): void {
  users
    .command('verify')
    .description('put the mark beside the name; --revoke takes it away, and the person reads why')
    .argument('<username>')
    .option('--revoke <reason>')
    .action(
      act<{ revoke?: string }>(tools, async (_acts, { id }, { revoke }, { modules }) => {
        const reason = revoke?.trim()
        if (reason === '') throw new CommandFault('Say why: the person reads it.')
        await modules.verification.api.setVerified('operator', id, reason === undefined, reason ?? '')
        return { verified: reason === undefined }
      }),
    )
}

function addQuota(users: Command, tools: Tools): void {
  users
    .command('quota')
    .description(
      'how much an account may keep: so many MiB, none for no limit, default for that of the settings',
    )
    .argument('<username>')
    .argument('<limit>', 'MiB, none or default', quotaOf)
    .action((username: string, quota: OwnQuota, _: object, command: Command) =>
      act(tools, async (acts, { id }, _options: object, { modules }) => {
        await acts.setQuota('operator', id, quota)
        const { usedBytes, quotaBytes } = await modules.media.api.quotas.of(id)
        return { usedBytes, quotaBytes: quotaBytes ?? 'none' }
      })(username, {}, command),
    )
}

function addExport(users: Command, tools: Tools): void {
  users
    .command('export')
    .description('write a copy of everything of an account to a folder, as the person could download it')
    .argument('<username>')
    .option('--to <folder>', 'where to', '.')
    .action(
      act(tools, async (_acts, { id, username }, { to }: { to: string }, { modules }) => {
        // Written down first: what somebody may have looked at is in the log, whatever becomes of the files.
        await modules.admin.api.operator.noteExported(id)
        const { files, missing } = await modules.exports.api
          .toFolder({ id, username }, resolve(to))
          .catch((error: NodeJS.ErrnoException) => {
            if (error.code === 'EEXIST') throw new CommandFault(`${error.path} is there already.`)
            throw error
          })
        return { files: files.join(', '), missing: missing.length }
      }),
    )
}

function quotaOf(text: string): OwnQuota {
  return text === 'none' || text === 'default' ? text : wholeNumber(text) * 1024 * 1024
}
