import assert from 'node:assert/strict'
import { ApiError, type Client, createClient } from '@heliograph/client'
import type { Message } from '@heliograph/contract/messages'
import fc from 'fast-check'
import pg from 'pg'
import type { Id } from '#platform/ids/ids.ts'
import { createDevice, type Device } from './message-device.ts'
import { type Person, refusal } from './posts-kit.ts'
import { until } from './until.ts'

// Any history of a group, lived by four people at once at two processes, and what each of them must have in the end.

export interface MessageWorld {
  /** Addresses of two processes. */
  urls: readonly [string, string]
  databaseUrl: string
  people(count: number): Promise<Person[]>
  /** Something that may be lost at any moment is lost. */
  lose(): Promise<void>
}

const count = 4
const soonMs = 30_000

const weights = {
  send: 6,
  edit: 3,
  unsend: 1,
  react: 4,
  unreact: 1,
  clear: 1,
  read: 2,
  leave: 1,
  add: 3,
  'come or go': 5,
  lose: 1,
  block: 2,
  unblock: 1,
}
type Kind = keyof typeof weights

interface Step {
  kind: Kind
  who: number
  whom: number
  /** Which of the messages at hand. */
  which: number
  isElsewhere: boolean
}

const stepsOf = (some: readonly Kind[]) =>
  fc.array(
    fc.record<Step>({
      kind: fc.oneof(...some.map((kind) => ({ weight: weights[kind], arbitrary: fc.constant(kind) }))),
      who: fc.nat({ max: count - 1 }),
      whom: fc.nat({ max: count - 1 }),
      which: fc.nat({ max: 999 }),
      isElsewhere: fc.boolean(),
    }),
    { minLength: 80, maxLength: 120 },
  )

/** What was acknowledged to somebody of what they did. */
interface Own {
  id: Id
  clientId: string
  text: string
  isUnsent: boolean
}

interface Member {
  person: Person
  device: Device
  own: Own[]
  /** By message: what they reacted with last; null: taken back. */
  reactions: Map<Id, string | null>
  /** What they deleted for themselves. */
  cleared: Set<Id>
  /** The largest number up to which they said that they have read. */
  read: number
  blocked: Set<number>
}

const emojis = ['👍', '🎉', '❤️']
let made = 0

/** Each with blocks and without: of people whom one blocks nothing is told, so that only without them every word counts. */
export async function assertAnyMessages(world: MessageWorld, runs: fc.Parameters<unknown>): Promise<void> {
  const people = await world.people(count)
  const kinds = Object.keys(weights) as Kind[]
  for (const some of [kinds.filter((kind) => kind !== 'block'), kinds])
    await fc.assert(
      fc.asyncProperty(stepsOf(some), (all) => live(world, people, all)),
      { endOnFailure: true, ...runs } as fc.Parameters<[Step[]]>,
    )
}

async function live(world: MessageWorld, people: readonly Person[], all: readonly Step[]): Promise<void> {
  await reconcile(people)
  const [first, ...others] = people
  const { id } = await first!.call('POST /api/conversations', {
    body: { members: others.map(({ user }) => user.username), name: 'everybody' },
  })
  const members = people.map((person): Member => {
    const device = createDevice(person.token!, id, world.urls)
    return { person, device, own: [], reactions: new Map(), cleared: new Set(), read: 0, blocked: new Set() }
  })
  try {
    await Promise.all(members.map(({ device }, n) => device.connect(world.urls[n % 2]!)))
    const history = new History(world, id, members)
    // Each does one thing after the other, and all at once.
    await Promise.all(
      members.map(async (_, who) => {
        for (const step of all) if (step.who === who) await history.take(step)
      }),
    )
    await history.assertEnd(all.some(({ kind }) => kind === 'block'))
  } finally {
    for (const { device } of members) device.close()
  }
}

/** All follow each other and nobody blocks anybody, as at the beginning. */
async function reconcile(people: readonly Person[]): Promise<void> {
  for (const one of people)
    for (const other of people) {
      if (one === other) continue
      const params = { username: other.user.username }
      await refusal(one.call('DELETE /api/users/:username/block', { params }))
    }
  for (const one of people)
    for (const other of people)
      if (one !== other)
        await one.call('PUT /api/users/:username/follow', { params: { username: other.user.username } })
}

class History {
  readonly #world: MessageWorld
  readonly #id: Id
  readonly #members: readonly Member[]
  #losing: Promise<void> = Promise.resolve()

  constructor(world: MessageWorld, id: Id, members: readonly Member[]) {
    this.#world = world
    this.#id = id
    this.#members = members
  }

  #at(isElsewhere: boolean, { token }: Person): Client {
    return createClient(this.#world.urls[isElsewhere ? 1 : 0], token)
  }

  /** Whether it was done; of whom there is no answer the other one is asked, as everything but sending is harmless to repeat. */
  async #do(who: Member, isElsewhere: boolean, ask: (client: Client) => Promise<unknown>): Promise<boolean> {
    for (const elsewhere of [isElsewhere, false])
      try {
        await ask(this.#at(elsewhere, who.person))
        return true
      } catch (error) {
        if (error instanceof ApiError) return false
      }
    throw new Error('nobody answers')
  }

  async take({ kind, who, whom, which, isElsewhere }: Step): Promise<void> {
    const me = this.#members[who]!
    const params = { id: this.#id }
    const named = { username: this.#members[whom]!.person.user.username }
    const own = me.own[which % Math.max(1, me.own.length)]
    const seen = [...me.device.known.values()].filter(({ notice }) => notice === null)
    const messageId = seen[which % Math.max(1, seen.length)]?.id ?? own?.id
    const mine = (ask: (client: Client) => Promise<unknown>) => this.#do(me, isElsewhere, ask)
    switch (kind) {
      case 'send':
        return await this.#send(me, isElsewhere)
      case 'edit': {
        if (!own) return
        const [text, at] = [`edited ${++made}`, { ...params, messageId: own.id }]
        const ask = { params: at, body: { text } }
        if (await mine((client) => client.call('PATCH /api/conversations/:id/messages/:messageId', ask)))
          own.text = text
        return
      }
      case 'unsend': {
        if (!own) return
        const ask = { params: { ...params, messageId: own.id } }
        if (await mine((client) => client.call('DELETE /api/conversations/:id/messages/:messageId', ask)))
          own.isUnsent = true
        return
      }
      case 'react': {
        if (messageId === undefined) return
        const emoji = emojis[which % emojis.length]!
        const ask = { params: { ...params, messageId }, body: { emoji } }
        if (
          await mine((client) => client.call('PUT /api/conversations/:id/messages/:messageId/reaction', ask))
        )
          me.reactions.set(messageId, emoji)
        return
      }
      case 'unreact': {
        const reacted = [...me.reactions.keys()].at(-1)
        if (reacted === undefined) return
        const ask = { params: { ...params, messageId: reacted } }
        if (
          await mine((client) =>
            client.call('DELETE /api/conversations/:id/messages/:messageId/reaction', ask),
          )
        )
          me.reactions.set(reacted, null)
        return
      }
      case 'clear': {
        if (messageId === undefined) return
        const ask = { params: { ...params, messageId } }
        if (
          await mine((client) => client.call('DELETE /api/conversations/:id/messages/:messageId/mine', ask))
        )
          me.cleared.add(messageId)
        return
      }
      case 'read': {
        const sequence = Math.max(0, ...seen.map((message) => message.sequence))
        const ask = { params, body: { sequence } }
        if (await mine((client) => client.call('PUT /api/conversations/:id/read', ask)))
          me.read = Math.max(me.read, sequence)
        return
      }
      case 'leave':
        // Who made the group stays, or there is nothing to compare.
        if (who !== 0) await mine((client) => client.call('DELETE /api/conversations/:id/me', { params }))
        return
      case 'add': {
        const ask = { params: { ...params, ...named } }
        await this.#do(this.#members[0]!, isElsewhere, (client) =>
          client.call('POST /api/conversations/:id/members/:username', ask),
        )
        return
      }
      case 'block':
        if (who === whom) return
        if (await mine((client) => client.call('PUT /api/users/:username/block', { params: named })))
          me.blocked.add(whom)
        return
      case 'unblock':
        if (await mine((client) => client.call('DELETE /api/users/:username/block', { params: named })))
          me.blocked.delete(whom)
        return
      case 'come or go':
        if (me.device.isConnected) me.device.disconnect()
        else await me.device.connect(this.#world.urls[isElsewhere ? 1 : 0])
        return
      case 'lose':
        this.#losing = this.#losing.then(() => this.#world.lose())
        await this.#losing
    }
  }

  /** Twice from two places, and again while nobody answers: it is one message. */
  async #send(me: Member, isElsewhere: boolean): Promise<void> {
    const clientId = `history-${++made}`
    const body = { clientId, text: `number ${made}` }
    const say = (elsewhere: boolean) =>
      this.#at(elsewhere, me.person).call('POST /api/conversations/:id/messages', {
        params: { id: this.#id },
        body,
      })
    const answers = await Promise.allSettled([
      say(isElsewhere),
      ...(made % 3 === 0 ? [say(!isElsewhere)] : []),
    ])
    // No answer is no refusal: it may be there.
    if (answers.some(({ status, ...answer }) => 'reason' in answer && !(answer.reason instanceof ApiError)))
      answers.push(...(await Promise.allSettled([say(false)])))
    const told = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    if (told.length === 0) return
    assert.equal(new Set(told.map((message: Message) => message.id)).size, 1, 'a retry is the same message')
    me.own.push({ id: told[0]!.id, clientId, text: body.text, isUnsent: false })
  }

  async assertEnd(hasBlocks: boolean): Promise<void> {
    await this.#losing
    for (const [n, { device }] of this.#members.entries())
      if (!device.isConnected) await device.connect(this.#world.urls[n % 2]!)
    await this.#assertTold()
    await this.#assertRead()
    if (hasBlocks) {
      await reconcile(this.#members.map(({ person }) => person))
      for (const { blocked } of this.#members) blocked.clear()
      await this.#assertRead()
      // Of people whom one blocks one is told nothing, so that what they did is read with the next thing one is told.
      await this.#send(this.#members[0]!, false)
    }
    await this.#assertLive()
  }

  /** What was acknowledged is in the database, once, as it was left. */
  async #assertTold(): Promise<void> {
    const rows = await this.#rows()
    const told = this.#members.flatMap(({ own }) => own)
    const sent = rows.filter(({ notice }) => notice === null)
    assert.deepEqual(sent.map((row) => row.clientId).toSorted(), told.map((own) => own.clientId).toSorted())
    for (const own of told) {
      const row = sent.find(({ id }) => id === own.id)
      assert.equal(row?.isUnsent, own.isUnsent)
      if (!own.isUnsent) assert.equal(row?.text, own.text)
    }
    for (const { reactions, person } of this.#members)
      for (const [id, emoji] of reactions) {
        const row = rows.find((one) => one.id === id)
        if (row && !row.isUnsent)
          assert.equal(row.reactions.find(({ userId }) => userId === person.user.id)?.emoji ?? null, emoji)
      }
  }

  /** Whoever reads it reads what is in the database, at both processes; whoever is not in it any more reads nothing. */
  async #assertRead(): Promise<void> {
    const rows = await this.#rows()
    const standing = await this.#standing()
    for (const [who, { person }] of this.#members.entries()) {
      const member = standing.get(person.user.id)
      for (const isElsewhere of [false, true]) {
        if (!member?.isMember) {
          assert.equal(await refusal(this.#everything(person, isElsewhere)), 'conversation.not_found')
          continue
        }
        const expected = rows
          .filter(
            ({ id, sequence }) => sequence > member.afterSequence && !this.#members[who]!.cleared.has(id),
          )
          .map((row) => this.#asSeenBy(who, row))
        // Sight is taken at once; given back it may be known a second later.
        let found: unknown
        await until(async () => {
          found = (await this.#everything(person, isElsewhere)).map(plain)
          return JSON.stringify(found) === JSON.stringify(expected)
        }, soonMs).catch(() => undefined)
        assert.deepEqual(found, expected)
        await this.#assertCounted(who, isElsewhere, { rows, standing })
      }
    }
  }

  /** What is unread is what nobody has read of it; up to where each has read is the same for all who are told. */
  async #assertCounted(
    who: number,
    isElsewhere: boolean,
    { rows, standing }: { rows: Row[]; standing: Map<Id, Standing> },
  ): Promise<void> {
    const { person, read, cleared } = this.#members[who]!
    const own = standing.get(person.user.id)!
    assert.ok(own.readSequence >= read, 'what was read is not unread again')
    const isUnread = ({ id, sequence, senderId, notice, isUnsent }: Row) => {
      const isNew = sequence > Math.max(own.readSequence, own.afterSequence) && !cleared.has(id)
      const isTheirs = senderId !== person.user.id && !this.#isParted(who, senderId)
      return isNew && isTheirs && notice === null && !isUnsent
    }
    // Whoever was brought in by somebody they do not follow, as after a block that ended, is told once they accept.
    const isTold = (id: Id) => own.isAccepted && !this.#isParted(who, id)
    const marks = [...standing].flatMap(([id, member]) =>
      member.isMember && id !== person.user.id ? [[id, isTold(id) ? member.toldSequence : null]] : [],
    )
    const expected = [Math.min(rows.filter(isUnread).length, 100), own.readSequence, marks.sort()]
    // Counts follow a block as soon as it was heard of.
    let found: unknown
    await until(async () => {
      const { unreadCount, readSequence, members } = await this.#at(isElsewhere, person).call(
        'GET /api/conversations/:id',
        { params: { id: this.#id } },
      )
      const told = members.filter(({ userId }) => userId !== person.user.id)
      found = [unreadCount, readSequence, told.map((one) => [one.userId, one.readSequence]).sort()]
      return JSON.stringify(found) === JSON.stringify(expected)
    }, soonMs).catch(() => undefined)
    assert.deepEqual(found, expected, 'unread, and up to where everybody has read')
  }

  /** What the devices know by what they were told alone is what they would read. */
  async #assertLive(): Promise<void> {
    const standing = await this.#standing()
    for (const { person, device } of this.#members) {
      if (!standing.get(person.user.id)?.isMember) continue
      const fresh = await this.#everything(person, false)
      const wanted = fresh.map((message) => [message.id, message.version, message.unsent])
      let found: unknown
      await until(() => {
        found = fresh.map(({ id }) => {
          const known = device.known.get(id)
          return [id, known?.version, known?.unsent]
        })
        const isAll = device.known.size === fresh.length
        return device.idle() && isAll && JSON.stringify(found) === JSON.stringify(wanted)
      }, soonMs).catch(() => undefined)
      assert.deepEqual(found, wanted, 'what came live is what is there')
      assert.equal(device.known.size, fresh.length, 'and nothing besides')
      for (const message of fresh) {
        const known = device.known.get(message.id)!
        // Behind a block there was nothing to read, and nobody is told that it ended.
        if (!known.unavailable && known.reactions.length === message.reactions.length)
          assert.deepEqual(plain(known), plain(message))
      }
    }
  }

  async #everything({ token }: Person, isElsewhere: boolean): Promise<Message[]> {
    const client = createClient(this.#world.urls[isElsewhere ? 1 : 0], token)
    const all: Message[] = []
    let before: number | undefined
    for (;;) {
      const page = await client.call('GET /api/conversations/:id/messages', {
        params: { id: this.#id },
        query: { before, limit: 20 },
      })
      all.unshift(...page.items)
      if (!page.hasMore) return all
      before = page.items[0]!.sequence
    }
  }

  #isParted(who: number, userId: Id): boolean {
    const other = this.#members.findIndex(({ person }) => person.user.id === userId)
    return this.#members[who]!.blocked.has(other) || this.#members[other]!.blocked.has(who)
  }

  #asSeenBy(who: number, row: Row): ReturnType<typeof plain> {
    const isParted = (userId: Id) => this.#isParted(who, userId)
    const isHidden = row.notice === null && isParted(row.senderId)
    const isShown = !isHidden && !row.isUnsent
    return {
      id: row.id,
      sequence: row.sequence,
      version: row.version,
      text: isShown ? row.text : '',
      unsent: row.isUnsent,
      reactions: isShown ? row.reactions.filter(({ userId }) => !isParted(userId)) : [],
    }
  }

  async #rows(): Promise<Row[]> {
    const { rows } = await this.#query(
      `select m.id::text, m.sequence, m.version, m.sender_id::text as "senderId", m.client_id as "clientId", m.text,
         m.notice, m.unsent_at is not null as "isUnsent",
         coalesce((select json_agg(json_build_object('userId', r.user_id::text, 'emoji', r.emoji) order by r.user_id)
           from message_reactions r where r.bucket = m.bucket and r.conversation_id = m.conversation_id
             and r.sequence = m.sequence), '[]') as reactions
       from messages m where m.conversation_id = $1 order by m.sequence`,
    )
    return rows as Row[]
  }

  async #standing(): Promise<Map<Id, Standing>> {
    const { rows } = await this.#query(
      `select user_id::text as id, is_member as "isMember", is_accepted as "isAccepted", after_sequence as "afterSequence",
         read_sequence as "readSequence", told_sequence as "toldSequence"
       from conversation_members where conversation_id = $1`,
    )
    return new Map(rows.map((row) => [row.id, row]))
  }

  async #query(text: string) {
    const client = new pg.Client({ connectionString: this.#world.databaseUrl })
    await client.connect()
    try {
      return await client.query(text, [this.#id])
    } finally {
      await client.end()
    }
  }
}

interface Standing {
  isMember: boolean
  isAccepted: boolean
  afterSequence: number
  readSequence: number
  toldSequence: number
}

interface Row {
  id: Id
  sequence: number
  version: number
  senderId: Id
  clientId: string
  text: string
  notice: unknown
  isUnsent: boolean
  reactions: { userId: Id; emoji: string }[]
}

function plain({ id, sequence, version, text, unsent, reactions }: Message) {
  const sorted = reactions.toSorted((a, b) => (BigInt(a.userId) < BigInt(b.userId) ? -1 : 1))
  return { id, sequence, version, text, unsent, reactions: sorted }
}
