import type { LogLine } from '@heliograph/contract/admin'
import { type Command, Option } from 'commander'
import { findAccount } from './find-account.ts'
import type { Cell } from './printer.ts'
import { type Tools, wholeNumber } from './tools.ts'

interface LogOptions {
  kind?: LogLine['kind']
  account?: string
  by?: string
  after?: string
  limit: number
}

/** Acts and decisions, as the page has them. */
export function addLogCommand(program: Command, { withApp, printerOf }: Tools): void {
  program
    .command('log')
    .description('what those who run the server did and decided, newest first')
    .addOption(
      new Option('--kind <kind>', 'acts of admins, or decisions of moderators').choices(['act', 'decision']),
    )
    .option('--account <username>', 'about this one')
    .option('--by <username>', 'of this one')
    .option('--after <id>', 'go on after this id')
    .option('--limit <count>', 'how many at most', wholeNumber, 50)
    .action(async ({ kind, account, by, after, limit }: LogOptions, command: Command) => {
      const { items, nextPosition } = await withApp(async (app) => {
        const idOf = async (name: string | undefined) =>
          name ? (await findAccount(app, name)).id : undefined
        const wish = { kind, subjectId: await idOf(account), actorId: await idOf(by) }
        return app.modules.admin.api.log({ roles: ['owner'] }, wish, after ? [after] : null, limit)
      })
      const printer = printerOf(command)
      printer.rows(items.map(rowOf), 'Nothing was done yet.')
      if (nextPosition) printer.line(`More: --after ${nextPosition[0]}`)
    })
}

function rowOf(line: LogLine): Record<string, Cell> {
  const isAct = line.kind === 'act'
  return {
    id: line.id,
    at: line.at,
    by: line.actor ?? (isAct && line.by === 'server' ? 'server' : 'operator'),
    act: isAct ? line.act : `${line.subject}.${line.act}`,
    about: (isAct ? line.subject : line.author) ?? '',
    note: line.note,
    before: JSON.stringify(line.before),
    after: JSON.stringify(line.after),
  }
}
