import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { api, type Handle, leastOf, type Route, routes, withField } from './helpers/api-routes.ts'
import {
  bodies,
  headersOf,
  namesNothing,
  type Own,
  onlyWords,
  open,
  type Role,
  roles,
  thingOf,
} from './helpers/foreign-things.ts'
import { buildForeignWorld, type ForeignWorld } from './helpers/foreign-world.ts'
import { insides } from './helpers/problems.ts'

// Every route that names something is called by everybody: with something of Olga's, who keeps it to herself, and with something
// that never was. Both answers are the same, nothing private is in them, and nothing of hers has changed, unless `open` in
// foreign-things.ts says who may and why.

let world: ForeignWorld
before(async () => {
  world = await buildForeignWorld()
})
after(() => world?.[Symbol.asyncDispose]())

interface Sweep {
  route: Route
  handle: Handle
  /** As the tables call it. */
  key: string
}

const sweeps: Sweep[] = routes
  .flatMap((route) =>
    route.handles.map((handle) => ({ route, handle, key: `${route.name} ${handle.field}` })),
  )
  .filter(({ key }) => !(key in namesNothing))
const expected = ({ route, handle, key }: Sweep) =>
  open[key] ?? (handle.place === 'path' ? open[route.name] : undefined)

test('every route that the server describes is in the sweep', async (t) => {
  const served = await world.app.http.app.inject('/api/openapi.json')
  assert.deepEqual(Object.keys(served.json().paths), Object.keys(api.paths))
  const keys = new Set(
    routes.flatMap((route) => [route.name, ...route.handles.map((one) => `${route.name} ${one.field}`)]),
  )
  for (const key of [open, bodies, namesNothing, headersOf].flatMap(Object.keys))
    assert.ok(keys.has(key), `${key} in foreign-things.ts is no route any more`)
  const pairs = new Set(sweeps.map(({ route }) => route.name)).size * roles.length
  t.diagnostic(
    `IDOR sweep: ${pairs} pairs of route and role; ${sweeps.length * roles.length} with each place of an id counted by itself`,
  )
})

test('no field is taken for words because nobody has thought about what it names', () => {
  const taken = new Set(routes.flatMap(({ words }) => words))
  for (const word of onlyWords) assert.ok(taken.has(word), `${word} in onlyWords is no field any more`)
  const unknown = routes.flatMap(({ name, words }) =>
    words.filter((word) => !onlyWords.includes(word)).map((word) => `${name} ${word}`),
  )
  assert.deepEqual(
    unknown,
    [],
    'say what these name in inFields of server/test/helpers/foreign-things.ts, or that they name nothing in onlyWords',
  )
})

for (const sweep of sweeps)
  test(`${sweep.key} never opens nor changes what is somebody else’s`, async () => {
    const { route, handle } = sweep
    thingOf(route, handle)
    const { told = [], seen = [], takes } = expected(sweep) ?? {}
    const isOpenTo = (role: Role) => told.includes(role) || seen.includes(role)
    const isRead = route.method === 'GET' || route.method === 'HEAD'

    const before = isRead ? '' : await world.fingerprint()
    for (const role of roles) if (!isOpenTo(role)) await expectNothing(role, sweep)
    await expectNoOtherKind(sweep)
    if (!isRead) assert.equal(await world.fingerprint(), before, 'something of hers has changed')

    const open = roles.filter(isOpenTo)
    for (const role of takes ? open.slice(0, 1) : open) await expectNoMore(role, sweep, seen.includes(role))
    if (isRead && handle.place === 'path') await expectReal(sweep)
  })

/** Theirs and what never was are the same to the caller. */
async function expectNothing(role: Role, sweep: Sweep): Promise<void> {
  const thing = world.things[thingOf(sweep.route, sweep.handle)]
  for (const beside of besides(role, sweep)) {
    const theirs = await callAs(role, sweep, thing.theirs, beside)
    const none = await callAs(role, sweep, thing.none, beside)
    const which = `${role}, beside ${beside} things: `
    assert.equal(theirs.said, none.said, `${which}what is there differs from what never was${orOpen}`)
    assert.doesNotMatch(theirs.text, world.secrets, `${which}something private is in the answer${orOpen}`)
  }
}

const orOpen = ' (who may be told so, and why, stands in `open` of server/test/helpers/foreign-things.ts)'

/** An id of hers where an id of another kind belongs: a medium as an upload, a session as a post. */
async function expectNoOtherKind(sweep: Sweep): Promise<void> {
  const meant = world.things[thingOf(sweep.route, sweep.handle)]
  if (!isId(meant.none)) return
  const [beside = 'their'] = besides('owner of another', sweep)
  const none = await callAs('owner of another', sweep, meant.none, beside)
  for (const [kind, { theirs }] of Object.entries(world.things)) {
    if (!isId(theirs) || theirs === meant.theirs) continue
    const { said } = await callAs('owner of another', sweep, theirs, beside)
    assert.equal(said, none.said, `the ${kind} is taken for something else`)
  }
}

function isId(value: string): boolean {
  return /^\d{10,}$/.test(value)
}

/** The caller is told something, as the table says, and what it says no longer is a line too many. */
async function expectNoMore(role: Role, sweep: Sweep, maySee: boolean): Promise<void> {
  const thing = world.things[thingOf(sweep.route, sweep.handle)]
  const answers: { theirs: Answer; none: Answer }[] = []
  for (const beside of besides(role, sweep))
    answers.push({
      theirs: await callAs(role, sweep, thing.theirs, beside),
      none: await callAs(role, sweep, thing.none, beside),
    })
  assert.ok(
    answers.some(({ theirs, none }) => theirs.said !== none.said),
    `${role} is told nothing: take that out of foreign-things.ts`,
  )
  const said = answers.map(({ theirs }) => theirs.text).join('\n')
  if (maySee) assert.match(said, world.secrets, `${role} sees nothing: take that out of foreign-things.ts`)
  else assert.doesNotMatch(said, world.secrets, `${role}: something private is in the answer`)
  if (sweep.route.method !== 'GET') await undo(role, sweep.route)
}

/** The thing is what the route means: she finds it herself, unless the page is for moderators alone. */
async function expectReal({ route, handle, key }: Sweep): Promise<void> {
  const { told = [], seen = [] } = expected({ route, handle, key }) ?? {}
  const whoKnows = [...told, ...seen]
  // Of those who look after others it is not hers to see.
  if ((whoKnows.includes('moderator') || whoKnows.includes('admin')) && !whoKnows.includes('follower')) return
  const { status, text } = await send(
    route,
    world.olga.token,
    pathOf(route, () => world.things[thingOf(route, handle)].theirs) + (world.queries[route.name] ?? ''),
  )
  assert.ok(status < 300, `she herself is answered ${status} ${text}`)
}

/** What stands in the other places of the address: hers too, or the caller's own with hers smuggled in. */
function besides(role: Role, { route, handle }: Sweep): ('their' | 'own')[] {
  const others = route.handles.filter((one) => one.place === 'path' && one !== handle)
  if (others.length === 0 || role === 'signed out') return ['their']
  return handle.place === 'path' ? ['their', 'own'] : ['own']
}

interface Answer {
  status: number
  text: string
  /** Without what differs from request to request. */
  said: string
}

async function callAs(
  role: Role,
  { route, handle, key }: Sweep,
  value: string,
  beside: 'their' | 'own',
): Promise<Answer> {
  const own: Own = role === 'signed out' ? world.own.stranger : world.own[role]
  const path = pathOf(route, (field) => {
    if (handle.place === 'path' && field === handle.field) return value
    const thing = thingOf(route, { place: 'path', field })
    if (beside === 'their') return world.things[thing].theirs
    assert.ok(thing in own, `a ${thing} of the caller’s own is needed: add it to Own in foreign-things.ts`)
    return own[thing as keyof Own]
  })
  const named = handle.place === 'query' ? `?${handle.field}=${encodeURIComponent(value)}` : ''
  const query = named || (world.queries[route.name] ?? '')
  const right = (bodies[key] ?? bodies[route.name])?.(own) ?? (route.body && leastOf(route.body))
  const body = handle.place === 'body' ? withField(right, handle.field, value) : right
  const token = role === 'signed out' ? undefined : world.people[role].token
  const { status, text } = await send(route, token, path + query, body)
  assert.ok(status < 500, `${status} ${text}`)
  assert.doesNotMatch(text, insides)
  assert.ok(
    !text.includes('"request.invalid"'),
    `a right body is needed: add '${key}' to bodies in server/test/helpers/foreign-things.ts: ${text}`,
  )
  const said = text.replace(/"requestId":"[^"]*"/, '').replaceAll(value, '<it>')
  return { status, text, said: `${status} ${said}` }
}

function pathOf(route: Route, fill: (field: string) => string): string {
  return route.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(fill(field)))
}

async function send(
  route: Route,
  token: string | undefined,
  url: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const response = await world.app.http.app.inject({
    method: route.method as 'GET',
    url,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headersOf[route.name],
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return { status: response.statusCode, text: response.body }
}

/** What was put is taken away again, and everybody stands to her as before. */
async function undo(role: Role, route: Route): Promise<void> {
  const other = routes.find(({ name }) => name === `DELETE ${route.path}`)
  const isFollow = route.path.endsWith('/follow')
  if (route.method === 'PUT' && other !== undefined && !isFollow && role !== 'signed out')
    await send(
      other,
      world.people[role].token,
      pathOf(route, (field) => world.things[thingOf(route, { place: 'path', field })].theirs),
    )
  await world.restore(role)
}
