import { Argument, type Command } from 'commander'
import type { App } from '../app.ts'
import type { Cell } from './printer.ts'
import type { Tools } from './tools.ts'

/** One row for each figure: reports have different ones. */
type Row = { part: string; figure: string; value: Cell }
type Work = (app: App) => Promise<object>

const counters: Readonly<Record<string, Work>> = {
  follows: async ({ modules }) => {
    const { followers, following } = await modules.graph.api.recount()
    return { ...named('followers', followers), ...named('following', following) }
  },
  accounts: ({ modules }) => modules.posts.api.recount.accounts(),
  posts: ({ modules }) => modules.posts.api.recount.postCounts(),
  hashtags: ({ modules }) => modules.posts.api.recount.hashtags(),
  storage: ({ modules }) => modules.media.api.quotas.recount(),
  stories: ({ modules }) => modules.stories.api.recount(),
}

const pairs: Readonly<Record<string, Work>> = {
  relations: ({ modules }) => modules.graph.api.reconcile(),
  likes: ({ modules }) => modules.posts.api.reconcileMarks(),
  outboxes: ({ modules }) => modules.feed.api.reconcileOutboxes(),
}

/** The same work that runs every night, at once and with its figures. */
export function addUpkeepCommands(program: Command, { withApp, printerOf }: Tools): void {
  program
    .command('recount')
    .description('prove every counter against the rows it counts, and repair it')
    .addArgument(partsOf(Object.keys(counters)))
    .action(async (parts: string[], _options: object, command: Command) => {
      const chosen = parts.length === 0 ? Object.keys(counters) : parts
      const rows = await withApp((app) => runAll(app, counters, chosen))
      printerOf(command).rows(rows, '')
    })

  program
    .command('reconcile')
    .description('prove that everything kept in two places agrees, and mend it')
    .addArgument(partsOf([...Object.keys(pairs), 'files']))
    .option('--dry-run', 'remove no files')
    .action(async (parts: string[], { dryRun = false }: { dryRun?: boolean }, command: Command) => {
      const files: Work = async ({ modules }) => {
        const { storage } = modules.media.api
        const orphans = await storage.collectOrphans({ dryRun })
        const { stored, referenced, missing, resized } = await storage.verify({ deep: false })
        return {
          objects: stored.objects,
          bytes: stored.bytes,
          referencedObjects: referenced.objects,
          referencedBytes: referenced.bytes,
          missing: missing.count,
          resized: resized.count,
          orphans: orphans.count,
        }
      }
      const chosen = parts.length === 0 ? [...Object.keys(pairs), 'files'] : parts
      const rows = await withApp((app) => runAll(app, { ...pairs, files }, chosen))
      printerOf(command).rows(rows, '')
    })
}

function partsOf(names: readonly string[]): Argument {
  return new Argument('[parts...]', 'all when none is named').choices(names)
}

async function runAll(app: App, works: Readonly<Record<string, Work>>, parts: string[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const part of parts) {
    const report = (await works[part]?.(app)) ?? {}
    for (const [figure, value] of Object.entries(report)) rows.push({ part, figure, value })
  }
  return rows
}

function named(prefix: string, report: object): object {
  return Object.fromEntries(Object.entries(report).map(([figure, value]) => [`${prefix} ${figure}`, value]))
}
