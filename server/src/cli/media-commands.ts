import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFault } from './command-fault.ts'
import type { Tools } from './tools.ts'

interface RerenderOptions {
  all?: true
  since?: Date
  missing?: true
}

export function addMediaCommands(program: Command, { withApp, printerOf }: Tools): void {
  const media = program.command('media').description('photographs and videos')

  media
    .command('rerender')
    .description('render media anew that are ready, behind everything that a person waits for')
    .addOption(new Option('--all', 'every one').conflicts(['since', 'missing']))
    .addOption(
      new Option('--since <date>', 'uploaded since then, like 2026-11-01')
        .argParser(date)
        .conflicts('missing'),
    )
    .addOption(new Option('--missing', 'only where a rendition is not in the store'))
    .action(async ({ all, since, missing }: RerenderOptions, command: Command) => {
      if (!all && !since && !missing) throw new CommandFault('Say which: --all, --since <date> or --missing.')
      const wish = { ...(since && { since }), ...(missing && { onlyMissing: true }) }
      await withApp(async ({ modules }) => {
        await modules.admin.api.operator.noteBegun('media.rerendered', {
          ...(since && { since: since.toISOString() }),
          ...(missing && { missing }),
        })
        await modules.media.api.rerenderAll(wish)
      })
      printerOf(command).line(
        'Begun. The server does it bit by bit; its log tells when it has ended: heliograph jobs list',
      )
    })
}

function date(text: string): Date {
  const parsed = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : new Date(Number.NaN)
  if (Number.isNaN(parsed.getTime())) throw new InvalidArgumentError('a date is needed, like 2026-11-01')
  return parsed
}
