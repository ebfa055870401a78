import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Role } from '@heliograph/contract/accounts'
import { SecondFactorNeeded } from '@heliograph/contract/second-factors'
import { strFromU8, unzipSync } from 'fflate'
import { Secret, TOTP } from 'otpauth'
import sharp from 'sharp'
import { createTestClock } from '#platform/clock/clock.ts'
import { createTestApp, type TestApp } from '../../test/helpers/app.ts'
import { assertRefused, buildPerson } from '../../test/helpers/factories.ts'
import { CommandFault } from './command-fault.ts'
import { createProgram } from './program.ts'

const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
let app: TestApp
let printed: string

before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())
beforeEach(() => {
  printed = ''
})

let pipedIn = ''
const run = (...args: string[]) => runIn(app, ...args)

async function runIn(app: TestApp, ...args: string[]): Promise<string> {
  const program = createProgram({
    environment: { DATABASE_URL: app.config.database.url, HELIOGRAPH_DATA: app.dataFolder },
    write: (text) => {
      printed += text
    },
    input: Readable.from([pipedIn]),
    withApp: (work) => work(app),
  })
  await program.parseAsync(args, { from: 'user' })
  return printed
}

async function data<T>(...args: string[]): Promise<T> {
  printed = ''
  return JSON.parse(await run('--json', ...args)) as T
}

/** In a process of its own, as a mistake ends it. */
async function mistake(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

test('an account is made, shown, and can sign in with the password that was printed', async () => {
  const made = await data<{ password: string }>('users', 'create', 'ada', 'ada@example.com')
  await app.client.signIn('ada', made.password)
  const shown = await data<Record<string, unknown>>('users', 'show', '@ada')
  assert.equal(shown.state, 'active')
  const listed = await data<{ username: string }[]>('users', 'list')
  assert.ok(listed.some(({ username }) => username === 'ada'))
})

test('what sign-up refuses is refused here with its reason', async () => {
  await assert.rejects(run('users', 'create', 'a..b', 'x@example.com'), CommandFault)
  await assert.rejects(run('users', 'create', 'bea', 'no address'), /email must be an e-mail address/)
  await assert.rejects(run('users', 'show', 'nobody'), /There is no account nobody/)
})

test('roles are given and taken', async () => {
  await buildPerson(app.client, { username: 'mod' })
  await run('users', 'promote', 'mod', 'moderator')
  await run('users', 'promote', 'mod', 'admin')
  assert.equal((await data<{ roles: string }>('users', 'show', 'mod')).roles, 'moderator, admin')
  await run('users', 'demote', 'mod', 'moderator')
  assert.equal((await data<{ roles: string }>('users', 'show', 'mod')).roles, 'admin')
})

test('a command that does not exist is not answered with a page of help that hides the mistake', async () => {
  const { code, said } = await mistake('frob')
  assert.equal(code, 1)
  assert.equal(said, "error: unknown command 'frob'\nSee: heliograph --help\n")
  const inGroup = await mistake('keys', 'rotat')
  assert.deepEqual(inGroup, {
    code: 1,
    said: "error: unknown command 'rotat'\nSee: heliograph keys --help\n",
  })
})

test('a role that does not exist is not refused without saying which do', async () => {
  const { code, said } = await mistake('users', 'promote', 'ana', 'king')
  assert.equal(code, 1)
  for (const role of ['king', ...Role.options]) assert.ok(said.includes(role), `${role}: ${said}`)
  assert.match(said, /\nSee: heliograph users promote --help\n$/)
})

test('an account is deleted at the command line, and kept as long as there is time', async () => {
  const person = await buildPerson(app.client, { username: 'lea' })
  const { state, deleteAt } = await data<{ state: string; deleteAt: string }>('users', 'delete', 'lea')
  assert.equal(state, 'deactivated')
  assert.ok(Date.parse(deleteAt) > Date.now() + 29 * 86_400_000)
  await run('users', 'keep', 'lea', '--note', 'Thought better of it.')
  await app.client.signIn('lea', person.password)
  await run('users', 'delete', 'lea', '--now')
  await app.settle()
  await assert.rejects(app.client.signIn('lea', person.password), /auth.wrong_credentials/)
  await buildPerson(app.client, { username: 'lea' })
  const acts = await app.database.main
    .selectFrom('admin_log')
    .select('act')
    .where('subject_id', '=', person.id)
    .orderBy('id')
    .execute()
  assert.deepEqual(
    acts.map(({ act }) => act),
    ['account.deletion_begun', 'account.deletion_ended', 'account.deleted'],
  )
})

test('a suspended account is out until somebody ends it', async () => {
  const person = await buildPerson(app.client, { username: 'sus' })
  await run('users', 'suspend', 'sus', '--reason', 'Sold cures.', '--days', '3')
  await assert.rejects(person.call('GET /api/me', {}))
  await assert.rejects(app.client.signIn('sus', person.password), /suspended/)
  const shown = await data<Record<string, unknown>>('users', 'show', 'sus')
  assert.equal(shown.suspensionReason, 'Sold cures.')
  const suspended = await data<{ username: string }[]>('users', 'list', '--state', 'suspended')
  assert.deepEqual(
    suspended.map(({ username }) => username),
    ['sus'],
  )
  await run('users', 'unsuspend', 'sus')
  await app.client.signIn('sus', person.password)
})

test('a mark is given, and taken away with a reason alone', async () => {
  const person = await buildPerson(app.client, { username: 'marked' })
  await run('users', 'verify', 'marked')
  assert.equal((await person.call('GET /api/me', {})).isVerified, true)
  assert.equal((await mistake('users', 'verify', 'marked', '--revoke', ' ')).code, 1)
  await run('users', 'verify', 'marked', '--revoke', 'Not who they said.')
  const { isVerified, request } = await person.call('GET /api/me/verification', {})
  assert.deepEqual([isVerified, request?.reason], [false, 'Not who they said.'])
})

test('a new password replaces the old one, set here or by the link', async () => {
  const person = await buildPerson(app.client, { username: 'lost' })
  const { password } = await data<{ password: string }>('users', 'password', 'lost')
  await assert.rejects(app.client.signIn('lost', person.password))
  await app.client.signIn('lost', password)
  const { link } = await data<{ link: string }>(
    'users',
    'reset-password',
    'lost',
    '--note',
    'Asked in person.',
  )
  const code = new URL(link).hash.replace('#code=', '')
  await app.client.call('POST /api/password-resets/use', {
    body: { code, newPassword: 'another long enough phrase' },
  })
  await app.client.signIn('lost', 'another long enough phrase')
})

test('the last owner stays, and nothing is done without a line in the log', async () => {
  await buildPerson(app.client, { username: 'boss' })
  await run('users', 'promote', 'boss', 'owner')
  await assert.rejects(run('users', 'demote', 'boss', 'owner'), /last owner/)
  await run('users', 'quota', 'boss', '5')
  const lines = await data<{ by: string; act: string; about: string; note: string }[]>('log')
  assert.deepEqual([...new Set(lines.map(({ by }) => by))], ['operator'])
  const acts = (about: string) => lines.filter((line) => line.about === about).map(({ act }) => act)
  assert.deepEqual(acts('boss'), ['account.quota_changed', 'account.roles_changed'])
  assert.deepEqual(acts('sus'), ['account.unsuspended', 'account.suspended'])
  assert.deepEqual(acts('lost'), ['account.password_reset', 'account.password_reset'])
  assert.deepEqual(acts('ada'), ['account.created'])
  assert.deepEqual(
    lines.filter(({ act }) => act.startsWith('owner_link')).length,
    0,
    'there is an owner: no link was made',
  )
  const about = await data<{ act: string }[]>('log', '--account', 'sus', '--kind', 'act')
  assert.equal(about.length, 2)
  await run('users', 'demote', 'boss', 'moderator')
  assert.equal(
    (await data<unknown[]>('log', '--account', 'boss')).length,
    2,
    'nothing changed, nothing is written',
  )
})

test('a password that is piped in stands in no list of processes, and leaves nobody signed in', async () => {
  pipedIn = 'a phrase of one line\r\nand what comes after it\n'
  assert.deepEqual(await data('users', 'create', 'piped', 'piped@example.com', '--password-stdin'), {
    username: 'piped',
  })
  const known = await app.database.main
    .selectFrom('known_devices')
    .innerJoin('users', 'users.id', 'known_devices.user_id')
    .select('user_id')
    .where('username', '=', 'piped')
    .execute()
  assert.equal(
    known.length,
    1,
    'the mark that says there was one, and not this machine as a device of theirs',
  )
  const { token } = await app.client.signIn('piped', 'a phrase of one line')
  const { items } = await app.client.as(token).call('GET /api/sessions')
  assert.equal(items.length, 1, 'only the one that was just begun')
  pipedIn = ''
  await assert.rejects(run('users', 'password', 'piped', '--password-stdin'), /no password in what was piped/)
})

test('people are invited from here, and let in who waits', async () => {
  const { link } = await data<{ link: string }>('invites', 'create', '--note', 'for Ida')
  const invitation = new URL(link).hash.replace('#invitation=', '')
  await app.client.call('POST /api/accounts', {
    body: { username: 'ida', email: 'ida@example.com', password: 'a long enough phrase', invitation },
  })
  assert.deepEqual(await data('invites', 'list'), [], 'it is used up')
  const other = await data<{ id: string }>('invites', 'create', '--uses', '3', '--days', '1')
  assert.equal((await data<unknown[]>('invites')).length, 1)
  await run('invites', 'withdraw', other.id)
  assert.deepEqual(await data('invites'), [])

  const host = await buildPerson(app.client, { username: 'host' })
  await app.modules.accounts.api.setRoles(host.id, ['admin'])
  await host.call('POST /api/invitations', { body: { note: 'for herself' } })
  assert.deepEqual(await data('invites'), [])
  const [theirs] = await data<Record<string, unknown>[]>('invites', 'list', '--all')
  assert.deepEqual([theirs?.by, theirs?.counts, theirs?.note], ['host', true, undefined])
  await run('invites', 'withdraw', String(theirs?.id))
  assert.deepEqual(await data('invites', 'list', '--all'), [])

  const { id: newcomer } = await buildPerson(app.client, { username: 'waits' })
  await app.modules.accounts.api.setState(newcomer, 'waiting')
  await run('users', 'approve', 'waits', '--note', 'Known in town.')
  await assert.rejects(run('users', 'refuse', 'waits'), /no such account/)
  const [line] = await data<{ act: string; note: string }[]>('log', '--account', 'waits')
  assert.deepEqual([line?.act, line?.note], ['sign_up.approved', 'Known in town.'])
})

test('mails that were kept are listed and read', async () => {
  await buildPerson(app.client, { username: 'mailed', email: 'mailed@example.com' })
  await app.settle()
  const mails = await data<{ number: number; to: string }[]>('mail')
  const mine = mails.find(({ to }) => to === 'mailed@example.com')
  assert.ok(mine)
  const { text } = await data<{ text: string }>('mail', 'show', String(mine.number))
  assert.ok(text.length > 20)
  await assert.rejects(run('mail', 'show', '9999'), /no such mail/)
  const [last] = await data<{ act: string; by: string }[]>('log')
  assert.deepEqual([last?.act, last?.by], ['mail.read', 'operator'])
})

test('counters and pairs are proved', async () => {
  const counters = await data<{ figure: string; value: number }[]>('recount', 'follows')
  assert.ok(counters.some(({ figure, value }) => figure === 'followers checked' && value > 0))
  assert.ok(counters.filter(({ figure }) => figure.endsWith('repaired')).every(({ value }) => value === 0))
  const pairs = await data<{ part: string }[]>('reconcile', 'relations', 'files', '--dry-run')
  assert.deepEqual(new Set(pairs.map(({ part }) => part)), new Set(['relations', 'files']))
})

test('jobs are counted by lane', async () => {
  assert.match(await run('jobs'), /lane +waiting/)
  assert.deepEqual(await data('jobs', 'failed'), [])
  await assert.rejects(run('jobs', 'retry', '123456'), /No job 123456/)
})

test('names with control characters do not steer the terminal', async () => {
  await buildPerson(app.client, { username: 'sly', fullName: 'A\u001b[2JB' })
  assert.ok(!(await run('users', 'show', 'sly')).includes('\u001b'))
})

test('a back-fill is begun only when it was said of what', async () => {
  await assert.rejects(run('media', 'rerender'), CommandFault)
  await run('media', 'rerender', '--since', '2026-11-01')
  const lanes = await data<{ lane: string; waiting: number }[]>('jobs', 'list')
  assert.equal(lanes.find(({ lane }) => lane === 'bulk')?.waiting, 1)
  await app.settle()
})

test('the files of an edge hold its settings and are for their owner alone', async () => {
  const folder = join(app.dataFolder, 'edge')
  await run('edge', 'config', folder, '--internal', 'http://10.0.0.2:8081', '--name', 'photos.example.com')
  const conf = await readFile(join(folder, 'heliograph.conf'), 'utf8')
  assert.match(conf, /listen 10\.0\.0\.2:8081;[\s\S]*server_name photos\.example\.com;/)
  assert.doesNotMatch(conf, /@[A-Z_]+@/)
  for (const file of ['heliograph.conf', 'heliograph-key.conf'])
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600)
  const injected = ['--internal', 'http://10.0.0.2:8081', '--name', "_; } include '/etc/passwd'"]
  await assert.rejects(run('edge', 'config', folder, ...injected), CommandFault)
  await assert.rejects(run('edge', 'config', folder, '--internal', 'https://10.0.0.2/x'), CommandFault)
})

test('no address is listed, no key told and nothing of the stores changed without a line in the log', async () => {
  await buildPerson(app.client, { username: 'looked.at' })
  const kept = [await run('users', 'list'), await run('users', 'show', 'looked.at')].join()
  assert.doesNotMatch(kept, /@people\.example/)
  await run('users', 'list', '--emails')
  assert.match(await run('users', 'show', 'looked.at', '--emails'), /looked\.at@people\.example/)
  await run('mail', 'list')
  await run('edge', 'key')
  await run('storage', 'collect')
  await run('storage', 'collect', '--delete')
  await assert.rejects(run('storage', 'repair'), CommandFault)
  await assert.rejects(run('storage', 'move', '--to', 's3'), CommandFault)
  const lines = await data<{ act: string; by: string; about: string }[]>('log', '--limit', '5')
  assert.deepEqual(
    lines.reverse().map(({ act, by, about }) => [act, by, about]),
    [
      ['account.emails_listed', 'operator', ''],
      ['account.email_seen', 'operator', 'looked.at'],
      ['account.emails_listed', 'operator', ''],
      ['edge.key_told', 'operator', ''],
      ['storage.collected', 'operator', ''],
    ],
    'what was only shown, or refused, was not done',
  )
})

test('a change of the keys locks nobody out, and makes no known device new, neither while both count nor after', async () => {
  const browser = await buildPerson(app.client, { username: 'browser' })
  const { secret } = await browser.call('POST /api/me/totp')
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  await browser.call('PUT /api/me/totp', { body: { code: totp.generate() } })
  const known = await buildPerson(app.client, { username: 'known' })
  const enter = async (at: TestApp, cookie?: string) => {
    const answer = await fetch(`${at.url}/api/sessions`, {
      method: 'POST',
      headers: { origin: at.url, 'content-type': 'application/json', ...(cookie && { cookie }) },
      body: JSON.stringify({ login: known.username, password: known.password, cookie: true }),
    })
    assert.equal(answer.status, 201)
    return answer.headers.getSetCookie().map((set) => set.split(';')[0])
  }
  const device = (await enter(app)).find((pair) => pair?.startsWith('__Host-heliograph-device'))
  const toldOf = async () => {
    const events = await app.database.main
      .selectFrom('events')
      .select('id')
      .where('subject_id', '=', known.id)
      .where('kind', '=', 'accounts.signed_in_anew')
      .execute()
    return events.length
  }
  const before = await toldOf()
  /** As after a restart, so many minutes later. */
  const restarted = async (minutes: number, andThen?: (next: TestApp) => Promise<void>) => {
    const clock = createTestClock(Date.now() + minutes * 60_000)
    const env = { DATABASE_URL: app.config.database.url, HELIOGRAPH_DATA: app.dataFolder }
    await using next = await createTestApp({ clock, env })
    await enter(next, device)
    const { problem } = await assertRefused(
      next.client.signIn(browser.username, browser.password),
      'auth.second_factor_needed',
    )
    const { challenge } = SecondFactorNeeded.parse(problem)
    const body = { challenge, totp: totp.generate({ timestamp: clock.now() }) }
    await next.client.call('POST /api/sessions/second-factor', { body })
    await andThen?.(next)
  }

  assert.deepEqual(await data('keys', 'status'), { oldKeys: 'none' })
  await assert.rejects(run('keys', 'finish'), CommandFault)
  await app.processes.enter()
  const rotations = await Promise.allSettled([run('keys', 'rotate'), run('keys', 'rotate')])
  const refused = rotations.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  assert.equal(refused.length, 1, 'of two at once one would forget the first old keys unseen')
  assert.ok(refused[0] instanceof CommandFault)
  await assert.rejects(run('keys', 'rotate'), CommandFault)
  assert.equal(
    (await run('log')).split('keys.changed').length,
    2,
    'a line for what was done, and none for what was not',
  )
  await restarted(2, async (next) => {
    const folder = join(app.dataFolder, 'edge')
    await run('edge', 'config', folder, '--internal', 'http://10.0.0.2:8081')
    const keyOfEdge = await readFile(join(folder, 'heliograph-key.conf'), 'utf8')
    assert.match(keyOfEdge, /default '[\w-]{43},[\w-]{43}'/, 'an edge believes both')
    await assert.rejects(runIn(next, 'keys', 'finish'), /what still has the old keys alone: web and worker/)
    await app.processes.leave()
    printed = ''
    await runIn(next, '--json', 'keys', 'finish')
    assert.deepEqual(JSON.parse(printed), { resealed: 1, unreadable: 0 })
  })
  await restarted(4)
  assert.equal(await toldOf(), before)
})

test('what waits is listed, decided and written down as the operator’s, and a removed picture let in again', async () => {
  const [writer, reporter] = [
    await buildPerson(app.client, { username: 'writer' }),
    await buildPerson(app.client, { username: 'reporter' }),
  ]
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: '#000' } })
  const striped = picture.composite([
    { input: { create: { width: 20, height: 50, channels: 3, background: '#fc8' } }, left: 5, top: 3 },
    { input: { create: { width: 25, height: 9, channels: 3, background: '#28f' } }, left: 30, top: 40 },
  ])
  const uploadId = await writer.upload(await striped.png().toBuffer())
  const post = await writer.call('POST /api/posts', { body: { caption: 'look', media: [{ uploadId }] } })
  await app.settle()
  await reporter.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
  const [waiting] = await data<Record<string, string>[]>('moderation', 'list')
  assert.deepEqual(
    { author: waiting?.author, text: waiting?.text, reports: waiting?.reports },
    { author: 'writer', text: 'look', reports: 'spam 1' },
  )
  const decision = ['remove', waiting?.case ?? '', '--note', 'not here']
  await data('moderation', ...decision, '--seen', waiting?.version ?? '')
  assert.deepEqual(await data('moderation', 'list'), [])
  const [line] = await data<Record<string, string>[]>('moderation', 'log')
  assert.deepEqual(
    { act: line?.act, by: line?.by, note: line?.note, author: line?.author },
    { act: 'remove', by: 'operator', note: 'not here', author: 'writer' },
  )
  const [blocked] = await data<{ id: string }[]>('moderation', 'block-list', 'list')
  assert.ok(blocked)
  await data('moderation', 'block-list', 'remove', blocked.id)
  assert.deepEqual(await data('moderation', 'block-list', 'list'), [])
})

test('a copy of an account is written to a folder and stands in the log, and no file is overwritten', async () => {
  await buildPerson(app.client, { username: 'wants.a.copy' })
  const to = join(app.dataFolder, 'copies')
  const { files } = await data<{ files: string }>('users', 'export', 'wants.a.copy', '--to', to)
  assert.equal(files, join(to, 'heliograph-wants.a.copy-1.zip'))
  const { 'data/account.json': account } = unzipSync(new Uint8Array(await readFile(files)))
  assert.equal((JSON.parse(strFromU8(account!)) as { username: string }).username, 'wants.a.copy')
  await assert.rejects(run('users', 'export', 'wants.a.copy', '--to', to), CommandFault)
  assert.match(await run('log'), /account\.exported/)
  assert.equal((await stat(files)).mode & 0o777, 0o600, 'for the operator alone')
})
