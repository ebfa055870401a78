import { ensureInstalled } from '../../../scripts/lib/install.mjs'
import { findNode } from '../../../scripts/lib/packaged-node.mjs'
import { root } from '../../../scripts/lib/root.mjs'
import { ensureWebBuilt } from '../../../scripts/lib/web-build.mjs'
import { runCommand, spawnCli } from './command.mjs'
import { chooseDataFolder } from './data-folder.mjs'
import { StartFault } from './start-fault.mjs'
import { supervise } from './supervisor.mjs'
import { waitForStart } from './wait-for-start.mjs'

const print = (/** @type {string} */ line) => console.log(line)
const house = { root, env: process.env, print, prepare }

/**
 * `heliograph start` is the supervisor; everything else is a command for cli.ts.
 *
 * @param {string[]} args
 */
export async function launch(args) {
  // A reader of our lines that went away (npm start | head) is no reason to stop.
  process.stdout.on('error', () => {})
  try {
    process.exitCode = await run(args)
  } catch (error) {
    if (!(error instanceof StartFault)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
  process.exit()
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function run(args) {
  if (args[0] === 'start') return start(args.slice(1))
  const isDemo = args[0] === 'demo'
  const namesPlace = args.some((arg) => /^--url(=|$)/.test(arg))
  if (isDemo && !asksForHelp(args) && !namesPlace && !(await runningInstance())) return startWithDemo(args)
  return runCommand({ args, needsDatabase: args.length > 0 && !asksForHelp(args) && !isDemo })
}

/** @param {string[]} args */
function asksForHelp(args) {
  return args.some((arg) => ['help', '--help', '-h', '--version'].includes(arg))
}

function runningInstance() {
  return waitForStart(chooseDataFolder({ env: process.env, root, log: () => {} }), { log: print })
}

/** @param {string[]} rest */
function start(rest) {
  if (rest.length > 0) {
    throw new StartFault(
      `"start" takes no arguments (got "${rest.join(' ')}"): settings come by environment, as in PORT=3001 npm start`,
    )
  }
  return supervise({ ...house, logToFile: process.stdout.isTTY === true })
}

/**
 * The demo speaks to a running Heliograph; with none running, it gets one that stays until Ctrl-C.
 *
 * @param {string[]} args
 */
function startWithDemo(args) {
  return supervise({
    ...house,
    logToFile: true,
    onReady: ({ node, url, databaseUrl, dataDir }) => {
      const child = spawnCli({ node, args, url, databaseUrl, dataDir })
      child.once('exit', (code) => {
        if (code === 0) print(`Heliograph stays at ${url} until Ctrl-C`)
      })
    },
  })
}

/**
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
async function prepare({ log, signal }) {
  await ensureInstalled({ what: 'the packages', log, signal })
  const node = findNode()
  await ensureWebBuilt({ node, log, signal })
  return node
}
