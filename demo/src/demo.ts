import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { type Account, fill } from './fill.ts'

/** Known to everybody who can read this, so it is for instances that only this machine reaches. */
const knownPassword = 'demo-heliograph-2026'

const ownUrl = `http://localhost:${process.env.PORT || 3000}`

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    people: { type: 'string', default: '20' },
    posts: { type: 'string', default: '240' },
    seed: { type: 'string', default: '1' },
    password: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`Fills an instance with people and photographs through its public API.

  npm run demo -- [--url http://localhost:3000] [--people 20] [--posts 240] [--seed 1] [--password …]

Without an address, the instance of this machine is filled; where none runs, one is started and left running.`)
} else {
  await main()
}

async function main(): Promise<void> {
  const baseUrl = (values.url ?? process.env.HELIOGRAPH_URL ?? ownUrl).replace(/\/$/, '')
  const password = choosePassword(baseUrl)
  if (!(await answers(baseUrl))) {
    if (values.url !== undefined) stop(`Nothing answers at ${baseUrl}.`)
    await startInstance(baseUrl)
  }
  const accounts = await fill({
    baseUrl,
    seed: wholeNumber('seed'),
    peopleCount: wholeNumber('people'),
    postCount: wholeNumber('posts'),
    password,
    onStep: (line) => console.log(line),
  })
  printAccounts(baseUrl, password, accounts)
}

function choosePassword(baseUrl: string): string {
  if (values.password !== undefined) return values.password
  const { hostname } = new URL(baseUrl)
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return knownPassword
  return stop(`Others can reach ${hostname}: say which password the people of the demo get, with --password.`)
}

function stop(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}

function wholeNumber(name: 'seed' | 'people' | 'posts'): number {
  const number = Number(values[name])
  if (Number.isInteger(number) && number > 0) return number
  return stop(`--${name} wants a whole number above 0, not “${values[name]}”.`)
}

async function answers(baseUrl: string): Promise<boolean> {
  return fetch(`${baseUrl}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}

async function startInstance(baseUrl: string): Promise<void> {
  console.log(`Nothing answers at ${baseUrl}: starting an instance.`)
  const launcher = fileURLToPath(new URL('../../bin/heliograph.mjs', import.meta.url))
  const child = spawn(process.execPath, [launcher, 'start'], { stdio: 'inherit' })
  child.once('exit', (code) => process.exit(code ?? 1))
  const deadline = Date.now() + 10 * 60_000
  while (!(await answers(baseUrl))) {
    if (Date.now() > deadline) throw new Error(`${baseUrl} did not get ready within ten minutes`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

function printAccounts(baseUrl: string, password: string, accounts: readonly Account[]): void {
  const wide = Math.max(...accounts.map(({ username }) => username.length))
  console.log(`\n${styleText('bold', 'Sign in')} at ${baseUrl} as any of them, password ${password}\n`)
  for (const { username, fullName, isPrivate } of accounts)
    console.log(`  ${username.padEnd(wide)}  ${fullName}${isPrivate ? ' (private)' : ''}`)
  console.log()
}
