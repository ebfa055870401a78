import type { Command } from 'commander'
import { sql } from 'kysely'
import { changeMaster, forgetOldMaster } from '#platform/secrets/secrets.ts'
import type { App } from '../app.ts'
import { CommandFault } from './command-fault.ts'
import type { Cell } from './printer.ts'
import type { Tools } from './tools.ts'

/** The master in secrets.json, from which every key follows: docs/keys.md. */
export function addKeysCommands(program: Command, { withApp, printerOf }: Tools): void {
  const keys = program.command('keys').description('the keys of this server: docs/keys.md')

  keys
    .command('status', { isDefault: true })
    .description('whether old keys are still believed, and what is in the way of forgetting them')
    .action(async (_options: object, command: Command) => {
      const facts = await withApp(async (app): Promise<Record<string, Cell>> => {
        const { changedAt } = app.secrets
        if (changedAt === null) return { oldKeys: 'none' }
        return {
          oldKeys: 'still believed',
          changedAt: changedAt.toISOString(),
          toBeRestarted: (await processesFrom(app, changedAt)).join(', ') || 'none',
        }
      })
      printerOf(command).facts(facts)
    })

  keys
    .command('rotate')
    .description('make new keys; those of before are believed until: heliograph keys finish')
    .action(async (_options: object, command: Command) => {
      const changedAt = await withApp(async (app) => {
        const { rows } = await sql<{ now: Date }>`select now()`.execute(app.database.main)
        const { now } = rows[0]!
        await app.modules.admin.api.operator.changeKeys('keys.changed', async () => {
          if (!(await changeMaster(app.config.data.folder, now)))
            throw new CommandFault(
              'The keys were changed before, and that is not finished: heliograph keys finish',
            )
        })
        return now
      })
      const printer = printerOf(command)
      printer.facts({ changedAt: changedAt.toISOString() })
      printer.line('Now give every edge its keys (heliograph edge key), restart every process, and see:')
      printer.line('heliograph keys status')
    })

  keys
    .command('finish')
    .description('seal with the new keys what the old ones have sealed, and forget the old ones')
    .action(async (_options: object, command: Command) => {
      const report = await withApp(async (app) => {
        const { changedAt } = app.secrets
        if (changedAt === null) throw new CommandFault('There are no old keys.')
        const running = await processesFrom(app, changedAt)
        if (running.length > 0)
          throw new CommandFault(`First restart what still has the old keys alone: ${running.join(', ')}.`)
        const resealed = await app.modules.accounts.api.resealing.resealAll()
        await app.modules.admin.api.operator.changeKeys('keys.forgotten', async () => {
          if (!(await forgetOldMaster(app.config.data.folder, changedAt)))
            throw new CommandFault('Somebody else changed the keys meanwhile. See: heliograph keys status')
        })
        return resealed
      })
      const printer = printerOf(command)
      printer.facts({ ...report })
      printer.line(
        'The next start of each process believes the new keys alone, and so do edges once they have',
      )
      printer.line('their keys anew (heliograph edge key).')
    })
}

/** They began before the keys were changed; what began since has both, see `requireSameSecrets`. */
async function processesFrom(app: App, changedAt: Date): Promise<string[]> {
  const old = (await app.processes.list()).filter(({ startedAt }) => startedAt <= changedAt)
  return old.map(({ roles, host }) => `${roles} on ${host}`)
}
