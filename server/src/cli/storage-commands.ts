import { type Command, Option } from 'commander'
import type { StorePlace } from '#config/storage.ts'
import { type Finding, storiesFolder } from '#modules/media'
import { moveStore } from '#platform/blobs/move-store.ts'
import type { App } from '../app.ts'
import { CommandFault } from './command-fault.ts'
import { type Tools, wholeNumber } from './tools.ts'

/** What lies in the stores of objects: whether it is all there, how much it is, and where. */
export function addStorageCommands(program: Command, tools: Tools): void {
  const storage = program.command('storage').description('the objects: pictures, films, archives')
  addProving(storage, tools)
  addUsage(storage, tools)
  addMoving(storage, tools)
}

function addProving(storage: Command, { withApp, printerOf }: Tools): void {
  storage
    .command('verify')
    .description(
      'every referenced object is there and whole, and every object is referenced; removes nothing',
    )
    .option('--deep', 'read every object and compare its hash')
    .option('--replica', 'look at the copy in the second region instead')
    .action(async (options: { deep?: boolean; replica?: boolean }, command: Command) => {
      const { deep = false, replica = false } = options
      const report = await withApp((app) =>
        (replica ? copiesOf(app) : app.modules.media.api.storage).verify({ deep }),
      )
      const { stored, referenced, filledIn, ...findings } = report
      const printer = printerOf(command)
      printer.rows(
        [
          { figure: 'stored', objects: stored.objects, bytes: stored.bytes, examples: '' },
          { figure: 'referenced', objects: referenced.objects, bytes: referenced.bytes, examples: '' },
          ...Object.entries(findings).map(([figure, found]) => rowOf(figure, found)),
          { figure: 'media filled in', objects: filledIn, bytes: null, examples: '' },
        ],
        '',
      )
      const bad = Object.values(findings).reduce((sum, { count }) => sum + count, 0)
      if (bad > 0) throw new CommandFault(`${bad} objects are not as they should be.`)
    })

  storage
    .command('repair')
    .description(
      'brings back from the second region what the store has lost, and gives the copy what it lacks',
    )
    .option('--deep', 'read every object and compare its hash, so that changed ones are found too')
    .action(async ({ deep = false }: { deep?: boolean }, command: Command) => {
      const report = await withApp(async (app) => {
        const copies = copiesOf(app)
        await operatorOf(app).noteBegun('storage.repaired', { deep })
        return copies.repair({ deep })
      })
      printerOf(command).rows(
        Object.entries(report).map(([figure, found]) => rowOf(figure, found)),
        '',
      )
      if (report.lost.count > 0)
        throw new CommandFault(`${report.lost.count} objects are whole in neither place.`)
    })

  storage
    .command('collect')
    .description('what nothing has referred to for a day: shows it, and removes it when told so')
    .option('--delete', 'remove it')
    .action(async (options: { delete?: boolean }, command: Command) => {
      const dryRun = options.delete !== true
      const found = await withApp(async (app) => {
        if (!dryRun) await operatorOf(app).noteBegun('storage.collected', {})
        return app.modules.media.api.storage.collectOrphans({ dryRun })
      })
      const printer = printerOf(command)
      printer.rows([rowOf(dryRun ? 'would go' : 'gone', found)], '')
      if (dryRun && found.count > 0) printer.line('Nothing was removed. To remove it: --delete')
    })
}

const operatorOf = ({ modules }: App) => modules.admin.api.operator

function copiesOf({ modules }: App) {
  const { copies } = modules.media.api.storage
  if (copies === null)
    throw new CommandFault('There is no second region: REPLICA_FOLDER or the REPLICA_S3_… settings name it.')
  return copies
}

function rowOf(figure: string, { count, bytes, examples }: Finding) {
  return { figure, objects: count, bytes, examples: examples.join(' ') }
}

function addUsage(storage: Command, { withApp, printerOf }: Tools): void {
  storage
    .command('usage')
    .description('objects and bytes of each store by kind and tier, and the accounts that keep most')
    .option('--top <count>', 'how many accounts', wholeNumber, 10)
    .action(async ({ top }: { top: number }, command: Command) => {
      const printer = printerOf(command)
      const found = await withApp(async (app) => ({
        stored: await usageOf(app),
        accounts: await largestAccounts(app, top),
      }))
      printer.rows([...found.stored, ...found.accounts], 'Nothing is stored yet.')
    })
}

async function usageOf({ stores, modules }: App) {
  const { stored, kept } = await modules.media.api.storage.usage()
  const rows = stored.map((sum) => ({ part: `${storeOf(sum.kind)}: stored`, ...sum }))
  const references = kept.map(({ kind, tier, ...sums }) => ({
    part: `${storeOf(kind)}: referenced, ${tier}`,
    kind,
    ...sums,
  }))
  const sums = []
  for (const name of stores.names.filter((store) => store === 'exports')) {
    const sum = { part: `${name}: stored`, kind: 'all', objects: 0, bytes: 0 }
    for await (const { size } of stores[name].list('')) {
      sum.objects += 1
      sum.bytes += size
    }
    sums.push(sum)
  }
  return [...rows, ...references, ...sums]
}

/** By the first part of its key. */
function storeOf(kind: string): string {
  return kind === storiesFolder ? 'stories' : 'media'
}

async function largestAccounts({ modules }: App, top: number) {
  const largest = await modules.media.api.quotas.largest(top)
  const accounts = await modules.accounts.api.findByIds(largest.map(({ accountId }) => accountId))
  return largest.map(({ accountId, bytes }) => ({
    part: 'account',
    kind: accounts.get(accountId)?.username ?? accountId,
    objects: null,
    bytes,
  }))
}

function addMoving(storage: Command, { withApp, printerOf }: Tools): void {
  storage
    .command('move')
    .description('carry all objects to S3 or back, while the server runs; can be stopped and run again')
    .addOption(new Option('--to <place>').choices(['s3', 'folder']).makeOptionMandatory())
    .action(async ({ to }: { to: StorePlace }, command: Command) => {
      const printer = printerOf(command)
      const rows = await withApp(async (app) => {
        await requireHome(app, to)
        await operatorOf(app).noteBegun('storage.moved', { to })
        const moved = []
        for (const name of app.stores.names) {
          const report = await moveStore(app.stores.placesOf(name), {
            to,
            onProgress: ({ objects }) => {
              if (objects % 1000 === 0) printer.line(`${name}: ${objects} objects`)
            },
          })
          moved.push({ store: name, ...report })
        }
        return moved
      })
      printer.rows(rows, '')
    })
}

/** Both the settings here and the server that runs must look at both places and put new objects into the new one. */
async function requireHome({ stores, storeHomes }: App, to: StorePlace): Promise<void> {
  for (const name of stores.names) {
    const { s3, home } = stores.placesOf(name)
    if (s3 === null)
      throw new CommandFault('There is no S3 to move to or from: give the S3_… settings to the server first.')
    const running = await storeHomes.find(name)
    if (home !== to || (running !== null && running !== to))
      throw new CommandFault(
        `The server does not put new objects there yet. Start it with ${to === 's3' ? 'the S3_… settings (and without STORAGE_HOME=folder)' : 'STORAGE_HOME=folder beside the S3_… settings'}, and then move.`,
      )
  }
}
