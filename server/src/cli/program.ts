import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Command } from 'commander'
import { loadConfig } from '#config/config.ts'
import type { Environment } from '#config/env.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { type App, createApp } from '../app.ts'
import { addDemoCommand } from './demo-command.ts'
import { addEdgeCommands } from './edge-commands.ts'
import { addInvitesCommands } from './invites-commands.ts'
import { addJobsCommands } from './jobs-commands.ts'
import { addKeysCommands } from './keys-commands.ts'
import { addLogCommand } from './log-command.ts'
import { addMailCommands } from './mail-commands.ts'
import { addMediaCommands } from './media-commands.ts'
import { addModerationCommands } from './moderation-commands.ts'
import { createPrinter } from './printer.ts'
import { addStorageCommands } from './storage-commands.ts'
import type { Tools } from './tools.ts'
import { addUpkeepCommands } from './upkeep-commands.ts'
import { addUsersCommands } from './users-commands.ts'

export interface Surroundings {
  environment: Environment
  write(text: string): void
  /** What is piped in; the default is the process's own. */
  input?: Readable
  /** Tests hand over the app they have; the default makes one and stops it afterwards. */
  withApp?<T>(work: (app: App) => Promise<T>): Promise<T>
}

export function createProgram({ environment, write, input, withApp }: Surroundings): Command {
  const tools: Tools = {
    environment,
    config: () => loadConfig(environment),
    withApp: withApp ?? ((work) => withOwnApp(environment, work)),
    readLine: () => firstLineOf(input ?? process.stdin),
    printerOf: (command) => createPrinter(write, command.optsWithGlobals().json === true),
  }
  const program = new Command('heliograph')
    .description('Looks after a Heliograph. Its server is started with: npm start')
    .option('--json', 'print data instead of lines for people')
    .configureOutput({ writeOut: write })
  addUsersCommands(program, tools)
  addInvitesCommands(program, tools)
  addMailCommands(program, tools)
  addUpkeepCommands(program, tools)
  addStorageCommands(program, tools)
  addModerationCommands(program, tools)
  addJobsCommands(program, tools)
  addLogCommand(program, tools)
  addEdgeCommands(program, tools)
  addMediaCommands(program, tools)
  addKeysCommands(program, tools)
  addDemoCommand(program, tools)
  pointToHelp(program, program.name())
  return program
}

async function firstLineOf(input: Readable): Promise<string> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) return line
  return ''
}

/** After a mistake, not the help itself: it would push what is wrong out of sight. */
function pointToHelp(command: Command, words: string): void {
  command.showHelpAfterError(`See: ${words} --help`)
  command.hook('preSubcommand', refuseUnknown)
  for (const part of command.commands) pointToHelp(part, `${words} ${part.name()}`)
}

/** Where a group has a command for when none is named, that one would complain of an argument too many. */
function refuseUnknown(group: Command): void {
  const [word = ''] = group.args
  const isKnown = group.commands.some((one) => one.name() === word || one.aliases().includes(word))
  if (/^[a-z]/i.test(word) && word !== 'help' && !isKnown) group.error(`error: unknown command '${word}'`)
}

/** The app without its server: it takes no requests and runs no jobs. */
async function withOwnApp<T>(environment: Environment, work: (app: App) => Promise<T>): Promise<T> {
  const config = loadConfig(environment)
  const log = createLog({ level: 'warn', human: process.stderr.isTTY, destination: process.stderr })
  const app = await createApp({ config, log })
  try {
    return await work(app)
  } finally {
    await app.stop()
  }
}
