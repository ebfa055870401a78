import type { Command } from 'commander'
import type { AccountsApi } from '#modules/accounts'
import type { Cell } from './printer.ts'
import { type Tools, wholeNumber } from './tools.ts'

type InvitationRow = Awaited<ReturnType<AccountsApi['invitations']['list']>>[number]
type ListOptions = { after?: string; limit: number; all?: true }

/** The operator's own invitations open a closed server too; those of others are seen and withdrawn here as well. */
export function addInvitesCommands(program: Command, { withApp, printerOf }: Tools): void {
  const invites = program.command('invites').description('links by which people may sign up')

  invites
    .command('list', { isDefault: true })
    .description('those of the operator that are open, newest first')
    .option('--after <id>', 'go on after this id')
    .option('--limit <count>', 'how many at most', wholeNumber, 50)
    .option('--all', 'those of everybody, with whose they are and whether they count')
    .action(async ({ after, limit, all }: ListOptions, command: Command) => {
      const rows = await withApp(async ({ modules }): Promise<Record<string, Cell>[]> => {
        const { invitations } = modules.accounts.api
        if (!all) return (await invitations.list(null, after ?? null, limit)).map(factsOf)
        // What somebody noted for themselves stays theirs.
        return (await invitations.listAll(after ?? null, limit)).map(({ row, by, counts }) => {
          const { note, ...facts } = factsOf(row)
          return { ...facts, by: by ?? 'operator', counts }
        })
      })
      const printer = printerOf(command)
      printer.rows(rows, 'No invitation is open.')
      if (rows.length === limit) printer.line(`More: --after ${rows.at(-1)?.id}`)
    })

  invites
    .command('create')
    .description('a link, which is told once')
    .option('--uses <count>', 'how many may come by it', wholeNumber, 1)
    .option('--days <count>', 'how long it is open', wholeNumber, 7)
    .option('--note <words>', 'whom it is for', '')
    .action(async (options: { uses: number; days: number; note: string }, command: Command) => {
      const { uses: maxUses, days, note } = options
      const { row, link } = await withApp(({ modules }) =>
        modules.accounts.api.invitations.create(null, { maxUses, days, note }),
      )
      printerOf(command).facts({ ...factsOf(row), link })
    })

  invites
    .command('withdraw')
    .description('close one, whoever made it; whoever came by it stays')
    .argument('<id>', 'see list')
    .action(async (id: string, _options: object, command: Command) => {
      await withApp(({ modules }) => modules.admin.api.acts.withdrawInvitation('operator', id))
      printerOf(command).facts({ id, open: false })
    })
}

function factsOf(row: InvitationRow): Record<string, Cell> {
  return {
    id: row.id,
    note: row.note,
    used: `${row.used} of ${row.max_uses}`,
    expiresAt: row.expires_at.toISOString(),
  }
}
