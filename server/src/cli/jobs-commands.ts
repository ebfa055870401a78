import type { Command } from 'commander'
import { CommandFault } from './command-fault.ts'
import { type Tools, wholeNumber } from './tools.ts'

export function addJobsCommands(program: Command, { withApp, printerOf }: Tools): void {
  const jobs = program.command('jobs').description('background work')

  jobs
    .command('list', { isDefault: true })
    .description('how much waits in each lane')
    .action(async (_options: object, command: Command) => {
      const lanes = await withApp(({ jobs }) => jobs.depth())
      const printer = printerOf(command)
      printer.rows(
        lanes.map((lane) => ({ ...lane })),
        'Nothing waits.',
      )
      if (lanes.some(({ failed }) => failed > 0)) printer.line('What was given up: heliograph jobs failed')
    })

  jobs
    .command('failed')
    .description('work that was given up, and why')
    .option('--limit <count>', 'how many at most', wholeNumber, 100)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const failed = await withApp(({ jobs }) => jobs.failed(limit))
      const printer = printerOf(command)
      const rows = failed.map(({ id, task, attempts, failedAt, error }) => ({
        id,
        task,
        attempts,
        failedAt: failedAt.toISOString(),
        error: error.split('\n', 1)[0] ?? '',
      }))
      printer.rows(rows, 'Nothing was given up.')
      if (rows.length > 0)
        printer.line('Try again: heliograph jobs retry <id>, or: heliograph jobs retry all')
    })

  jobs
    .command('retry')
    .description('let work that was given up run again')
    .argument('<id>', 'its id, or: all')
    .action(async (id: string, _options: object, command: Command) => {
      const retried = await withApp(async ({ jobs, modules }) => {
        const failed = (await jobs.failed(10_000)).filter((job) => id === 'all' || job.id === id)
        const tasks: string[] = []
        for (const job of failed) if (await jobs.retry(job.id)) tasks.push(job.task)
        if (tasks.length > 0) await modules.admin.api.operator.noteRetried(tasks)
        return tasks.length
      })
      if (id !== 'all' && retried === 0) throw new CommandFault(`No job ${id} was given up.`)
      printerOf(command).facts({ retried })
    })
}
