import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { LogLine } from '@heliograph/contract/admin'
import type { ErrorCode } from '@heliograph/contract/error-codes'
import type { Role } from '@heliograph/contract/roles'
import { bucketOf } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
/** Who acts, by role; each has an equal. */
const people = {} as Record<Role | 'nobody', Person> & Record<`${Role | 'nobody'}2`, Person>
const kinds = ['nobody', 'moderator', 'admin', 'owner'] as const

before(async () => {
  app = await createTestApp()
  for (const kind of kinds)
    for (const name of [kind, `${kind}2`] as const) {
      people[name] = await buildPerson(app.client, { username: `${name}_one` })
      if (kind !== 'nobody') await app.modules.accounts.api.setRoles(people[name].id, [kind])
    }
})
after(() => app[Symbol.asyncDispose]())

const at = ({ username }: Person) => ({ params: { username } })
type Client = Pick<Person, 'call'>
const suspend = (by: Client, whom: Person, reason = 'Sold cures.', until: string | null = null) =>
  by.call('PUT /api/admin/accounts/:username/state', {
    ...at(whom),
    body: { state: 'suspended', reason, until },
  })
const unsuspend = (by: Client, whom: Person) =>
  by.call('PUT /api/admin/accounts/:username/state', { ...at(whom), body: { state: 'active' } })
const setRoles = (by: Client, whom: Person, roles: Role[]) =>
  by.call('PUT /api/admin/accounts/:username/roles', { ...at(whom), body: { roles } })
const look = (by: Client, whom: Person) =>
  by.call('POST /api/admin/accounts/:username/email-look', {
    ...at(whom),
    body: { reason: 'Lost their phone.' },
  })
const stateOf = async (person: Person) =>
  (await people.owner.call('GET /api/admin/accounts/:username', at(person))).state
const rolesOf = (person: Person) => app.modules.accounts.api.rolesOf(person.id)

async function logOf(person: Person, by = people.owner): Promise<LogLine[]> {
  const lines: LogLine[] = []
  for await (const line of by.all('GET /api/admin/log', { query: { account: person.username } }))
    lines.push(line)
  return lines
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'done'> {
  return await call.then(
    () => 'done',
    (error: { code: ErrorCode }) => error.code,
  )
}

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0)

/** As if the end of a suspension had come some time ago. */
async function overSince({ id }: Person, ms: number): Promise<string> {
  const until = new Date(Date.now() - ms)
  await app.database.main
    .updateTable('users')
    .set({ suspended_until: until })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
  return until.toISOString()
}

/** By who acts: what is answered about somebody without a role, a moderator, an admin and an owner. */
const allowed = {
  nobody: {
    nobody: 'request.not_found',
    moderator: 'request.not_found',
    admin: 'request.not_found',
    owner: 'request.not_found',
  },
  moderator: {
    nobody: 'done',
    moderator: 'auth.forbidden',
    admin: 'auth.forbidden',
    owner: 'auth.forbidden',
  },
  admin: { nobody: 'done', moderator: 'done', admin: 'auth.forbidden', owner: 'auth.forbidden' },
  owner: { nobody: 'done', moderator: 'done', admin: 'done', owner: 'auth.forbidden' },
} as const

describe('each act by each role', () => {
  it('is refused about an equal or a superior, and to everybody without a role; what is refused is not in the log', async () => {
    for (const whom of kinds) {
      const about = await buildPerson(app.client, { username: `subject_${whom}` })
      const roles: Role[] = whom === 'nobody' ? [] : [whom]
      for (const kind of kinds) {
        const by = people[kind]
        await app.modules.accounts.api.setRoles(about.id, roles)
        const lines = (await logOf(about)).length
        const wanted = allowed[kind][whom]
        assert.equal(await codeOf(suspend(by, about)), wanted, `${kind} suspends ${whom}`)
        assert.equal(await codeOf(unsuspend(by, about)), wanted, `${kind} ends the suspension of ${whom}`)
        const forAdmins = kind === 'moderator' ? 'auth.forbidden' : wanted
        assert.equal(await codeOf(look(by, about)), forAdmins, `${kind} looks at the address of ${whom}`)
        assert.equal(
          await codeOf(setRoles(by, about, whom === 'nobody' ? ['moderator'] : [])),
          forAdmins,
          `${kind} changes the roles of ${whom}`,
        )
        const expected = wanted !== 'done' ? 0 : kind === 'moderator' ? 2 : 4
        assert.equal((await logOf(about)).length - lines, expected, `${kind} about ${whom}, in the log`)
        assert.equal(await stateOf(about), 'active')
      }
      await app.modules.accounts.api.setRoles(about.id, [])
    }
  })

  it('is refused about oneself, but for giving back a role; a role that was given back is gone at once', async () => {
    for (const kind of ['moderator', 'admin', 'owner'] as const) {
      const self = people[`${kind}2`]
      await assertRefused(suspend(self, self), 'auth.forbidden')
      if (kind !== 'owner') await assertRefused(setRoles(self, self, ['owner']), 'auth.forbidden')
      assert.deepEqual((await setRoles(self, self, [])).roles, [])
      await assertRefused(self.call('GET /api/admin/overview', {}), 'request.not_found')
      await app.modules.accounts.api.setRoles(self.id, [kind])
    }
  })

  it('gives no role that is not below its own, but owners make owners', async () => {
    const { admin, owner, nobody2 } = people
    for (const role of ['admin', 'owner'] as const)
      await assertRefused(setRoles(admin, nobody2, [role]), 'auth.forbidden')
    assert.deepEqual(await rolesOf(nobody2), [])
    assert.deepEqual((await setRoles(owner, nobody2, ['owner', 'moderator'])).roles, ['moderator', 'owner'])
    await assertRefused(setRoles(owner, nobody2, []), 'auth.forbidden')
    await setRoles(nobody2, nobody2, [])
  })

  it('leaves one owner, also when two go at once', async () => {
    const { owner, owner2 } = people
    const left = await Promise.all([codeOf(setRoles(owner, owner, [])), codeOf(setRoles(owner2, owner2, []))])
    assert.deepEqual(left.sort(), ['admin.last_owner', 'done'])
    assert.equal((await rolesOf(owner)).length + (await rolesOf(owner2)).length, 1)
    for (const one of [owner, owner2]) await app.modules.accounts.api.setRoles(one.id, ['owner'])
    await assertRefused(
      people.admin.call('PUT /api/admin/accounts/:username/roles', { ...at(owner), body: { roles: [] } }),
      'auth.forbidden',
    )
  })

  it('cannot be had by writing roles or a state into one’s own profile', async () => {
    const { nobody } = people
    for (const wrong of [{ roles: ['owner'] }, { state: 'active' }, { isVerified: true }])
      await assertRefused(nobody.call('PATCH /api/me', { body: wrong as never }), 'request.invalid')
    await assertRefused(
      app.client.call('POST /api/accounts', {
        body: {
          username: 'sneak',
          email: 's@x.example',
          password: 'a long enough phrase',
          roles: ['owner'],
        } as never,
      }),
      'request.invalid',
    )
    assert.deepEqual(await rolesOf(nobody), [])
  })
})

describe('a suspension', () => {
  it('is told to its holder with the reason and the end, and to nobody who does not have the password', async () => {
    const kim = await buildPerson(app.client, { username: 'kim' })
    const lea = await buildPerson(app.client, { username: 'lea' })
    await follow(lea, kim)
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const shown = await suspend(people.moderator, kim, ' Insulted people. ', until)
    assert.deepEqual(shown.suspension, { reason: 'Insulted people.', until })
    await assertRefused(kim.call('GET /api/me', {}), 'auth.invalid')
    const refused = await assertRefused(app.client.signIn('kim', kim.password), 'account.suspended')
    assert.deepEqual(refused.problem.suspension, { reason: 'Insulted people.', until })
    const wrong = await assertRefused(app.client.signIn('kim', 'not the password'), 'auth.wrong_credentials')
    assert.ok(!JSON.stringify(wrong.problem).includes('Insulted'))
    await assertRefused(lea.call('GET /api/users/:username', at(kim)), 'user.not_found')

    const { acts } = app.modules.admin.api
    assert.equal(await acts.endSuspensions(), 0)
    const past = await overSince(kim, 60_000)
    assert.deepEqual(await Promise.all([acts.endSuspensions(), acts.endSuspensions()]).then(sum), 1)
    await app.client.signIn('kim', kim.password)
    await lea.call('GET /api/users/:username', at(kim))
    const [ended, begun] = await logOf(kim)
    assert.ok(ended?.kind === 'act' && begun?.kind === 'act')
    assert.deepEqual(
      [ended.act, ended.by, ended.actor, ended.before, ended.after],
      [
        'account.unsuspended',
        'server',
        null,
        { state: 'suspended', reason: 'Insulted people.', until: past },
        { state: 'active' },
      ],
    )
    assert.deepEqual(
      [begun.act, begun.by, begun.actor, begun.before, begun.after],
      [
        'account.suspended',
        'person',
        'moderator_one',
        { state: 'active' },
        { state: 'suspended', reason: 'Insulted people.', until },
      ],
    )
  })

  it('can be made longer, is written down once when it is said twice, and does not end in the past', async () => {
    const { nobody2, admin } = people
    await assertRefused(suspend(admin, nobody2, 'x', '2020-01-01T00:00:00.000Z'), 'admin.until_past')
    await assertRefused(suspend(admin, nobody2, '  '), 'request.invalid')
    const lines = (await logOf(nobody2)).length
    await suspend(admin, nobody2, 'First')
    await suspend(admin, nobody2, 'First')
    await suspend(admin, nobody2, 'Second')
    await unsuspend(admin, nobody2)
    await unsuspend(admin, nobody2)
    const added = (await logOf(nobody2)).slice(0, -lines || undefined)
    assert.deepEqual(
      added.map(({ act }) => act),
      ['account.unsuspended', 'account.suspended', 'account.suspended'],
    )
    assert.deepEqual(added[1]?.before, { state: 'suspended', reason: 'First', until: null })
  })
})

describe('what somebody with a higher role decided', () => {
  it('is never ended, shortened or given another reason from below', async () => {
    const { moderator, moderator2, admin, admin2, owner, nobody2 } = people
    const powersOf = async (by: Person) =>
      (await by.call('GET /api/admin/accounts/:username', at(nobody2))).powers
    const soon = new Date(Date.now() + 60_000).toISOString()
    const acts = app.modules.admin.api.acts
    for (const [kind, above, below, equal] of [
      ['admin', admin, [moderator], admin2],
      ['owner', owner, [moderator, admin], people.owner2],
      ['operator', 'operator', [moderator, admin], owner],
    ] as const) {
      if (above === 'operator') await acts.suspend(above, nobody2.id, { reason: 'Threats.', until: null })
      else await suspend(above, nobody2, 'Threats.')
      const lines = (await logOf(nobody2)).length
      for (const by of below) {
        const what = `${by.username} about a suspension by ${kind}`
        const attempts = [
          () => unsuspend(by, nobody2),
          () => suspend(by, nobody2, 'Threats.', soon),
          () => suspend(by, nobody2),
        ]
        for (const attempt of attempts) assert.equal(await codeOf(attempt()), 'admin.suspended_above', what)
        assert.ok(!(await powersOf(by)).includes('suspend'), `offered to ${what}`)
      }
      assert.equal((await logOf(nobody2)).length, lines, 'what is refused is not in the log')
      assert.equal(await stateOf(nobody2), 'suspended')
      await unsuspend(equal, nobody2)
      assert.equal(await stateOf(nobody2), 'active')
    }
    await suspend(moderator, nobody2)
    await suspend(admin, nobody2, 'Sold cures, again.')
    await assertRefused(unsuspend(moderator2, nobody2), 'admin.suspended_above')
    await unsuspend(admin2, nobody2)
  })
})

describe('the pages', () => {
  it('list accounts by state, role and name, page by page', async () => {
    const { moderator, nobody2 } = people
    await suspend(moderator, nobody2)
    const names = async (query: Record<string, unknown>) => {
      const found: string[] = []
      for await (const item of moderator.all('GET /api/admin/accounts', { query: { limit: 2, ...query } }))
        found.push(item.username)
      return found
    }
    assert.deepEqual(await names({ state: 'suspended' }), ['nobody2_one'])
    assert.deepEqual(await names({ role: 'admin' }), ['admin2_one', 'admin_one'])
    assert.deepEqual(await names({ prefix: 'MODERATOR' }), ['moderator2_one', 'moderator_one'])
    const all = await names({})
    assert.equal(all.length, new Set(all).size)
    assert.equal(all.at(-1), 'nobody_one')
    await unsuspend(moderator, nobody2)
  })

  it('tell nobody an address or a session who does not need it', async () => {
    const { moderator, admin, nobody, owner2 } = people
    const seen = await moderator.call('GET /api/admin/accounts/:username', at(owner2))
    assert.deepEqual([seen.sessionCount, seen.storage, seen.powers], [null, null, []])
    assert.ok(!JSON.stringify(seen).includes('@people.example'))
    const more = await admin.call('GET /api/admin/accounts/:username', at(nobody))
    assert.deepEqual(
      [more.sessionCount, more.powers],
      [1, ['suspend', 'roles', 'email', 'password', 'second_factor', 'verification', 'delete']],
    )
    assert.ok(!JSON.stringify(more).includes('@people.example'))
    assert.equal((await look(admin, nobody)).email, 'nobody_one@people.example')
    const [line] = await logOf(nobody)
    assert.deepEqual([line?.act, line?.note], ['account.email_seen', 'Lost their phone.'])
    assert.ok(!JSON.stringify(line).includes('@people.example'), 'the log does not repeat the address')
  })

  it('have a link mailed to a proven address, and show it to nobody', async () => {
    const { admin, moderator, nobody, owner2 } = people
    const reset = (by: Client, whom: Person) =>
      by.call('POST /api/admin/accounts/:username/password-reset', {
        ...at(whom),
        body: { reason: 'Forgot it.' },
      })
    await assertRefused(reset(moderator, nobody), 'auth.forbidden')
    await assertRefused(reset(admin, owner2), 'auth.forbidden')
    await assertRefused(reset(admin, nobody), 'admin.email_unproven')
    const lines = (await logOf(nobody)).length
    await app.database.main
      .updateTable('users')
      .set({ email_verified_at: new Date() })
      .where('bucket', '=', bucketOf(nobody.id))
      .where('id', '=', nobody.id)
      .execute()
    assert.equal(await reset(admin, nobody), undefined)
    await app.settle()
    const [line, ...older] = await logOf(nobody)
    assert.deepEqual([line?.act, line?.note, older.length], ['account.password_reset', 'Forgot it.', lines])
    const mails = await Promise.all(
      (await readdir(join(app.dataFolder, 'mail'))).map((name) =>
        readFile(join(app.dataFolder, 'mail', name), 'utf8'),
      ),
    )
    const sent = mails.filter((mail) => mail.includes('reset#code'))
    assert.equal(sent.length, 1)
    assert.ok(sent[0]?.includes('nobody_one@people.example'))
    // What is not mailed is not in the log as mailed.
    for (let open = 1; open < 3; open++) {
      await reset(admin, nobody)
      await app.settle()
    }
    const before = (await logOf(nobody)).length
    await assertRefused(reset(admin, nobody), 'admin.reset_not_mailed')
    assert.equal((await logOf(nobody)).length, before)
  })

  it('show moderators decisions and suspensions, and nothing to anybody else', async () => {
    const { moderator, nobody, admin } = people
    const acts = new Set((await logOf(nobody, moderator)).map(({ act }) => act))
    assert.ok(!acts.has('account.email_seen') && !acts.has('account.roles_changed'))
    const routes = [
      'GET /api/admin/log',
      'GET /api/admin/accounts',
      'GET /api/admin/overview',
      'GET /api/admin/waiting',
    ] as const
    for (const route of routes) await assertRefused(nobody.call(route, {}), 'request.not_found')
    const own = await admin.call('GET /api/admin/log', { query: { by: admin.username, kind: 'act' } })
    assert.ok(own.items.length > 0 && own.items.every(({ actor }) => actor === admin.username))
    const counted = await admin.call('GET /api/admin/overview', {})
    assert.ok(counted.accounts && counted.accounts.total >= 10 && counted.jobs)
    assert.equal((await moderator.call('GET /api/admin/overview', {})).accounts, null)
  })

  it('ask once more who is there before anything is done', async () => {
    const { owner2, nobody } = people
    const unproven = await app.client.signIn(owner2.username, owner2.password)
    await app.database.main
      .updateTable('sessions')
      .set({ proved_at: new Date(Date.now() - 11 * 60_000) })
      .where('bucket', '=', bucketOf(owner2.id))
      .where('user_id', '=', owner2.id)
      .execute()
    await assertRefused(suspend(unproven, nobody), 'auth.proof_needed')
    await assertRefused(look(unproven, nobody), 'auth.proof_needed')
    await assertRefused(setRoles(unproven, nobody, ['admin']), 'auth.proof_needed')
    assert.deepEqual(await rolesOf(nobody), [])
  })
})

it('an account is deleted by admins alone, never one with a role, and kept by them', async () => {
  const { admin, moderator, nobody2, moderator2 } = people
  const state = (
    by: Client,
    whom: Person,
    body: { state: 'deactivated'; reason: string } | { state: 'active' },
  ) => by.call('PUT /api/admin/accounts/:username/state', { ...at(whom), body })
  const away = { state: 'deactivated', reason: 'Asked for it on the phone.' } as const
  await assertRefused(state(moderator, nobody2, away), 'auth.forbidden')
  await assertRefused(state(admin, moderator2, away), 'account.has_role')
  const leaving = await state(admin, nobody2, away)
  assert.deepEqual([leaving.state, leaving.powers.includes('keep')], ['deactivated', true])
  assert.ok(Date.parse(leaving.deleteAt ?? '') > Date.now() + 29 * 86_400_000)
  await state(moderator, nobody2, { state: 'active' })
  assert.equal(await stateOf(nobody2), 'deactivated', 'it is not theirs to keep')
  const kept = await state(admin, nobody2, { state: 'active' })
  assert.deepEqual([kept.state, kept.deleteAt], ['active', null])
  const lines = (await logOf(nobody2)).flatMap((line) => (line.kind === 'act' ? [line.act] : []))
  assert.deepEqual(lines.slice(0, 2), ['account.deletion_ended', 'account.deletion_begun'])
})

it('no route changes the log or takes a line away', async () => {
  const { owner } = people
  const [line] = await logOf(people.nobody)
  assert.ok(line)
  for (const method of ['DELETE', 'PUT', 'PATCH', 'POST'])
    for (const path of ['/api/admin/log', `/api/admin/log/${line.id}`, `/api/moderation/log/${line.id}`]) {
      const response = await fetch(new URL(path, app.url), {
        method,
        headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
        body: '{}',
      })
      assert.ok([404, 405].includes(response.status), `${method} ${path}: ${response.status}`)
    }
  assert.deepEqual((await logOf(people.nobody))[0], line)
})
