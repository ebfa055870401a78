import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { createDatabase } from '#platform/db/db.ts'
import { type AuthorFacts, canSee, loadSight, mutes, type Sight, type Thing } from './visibility.ts'

const author = '100'
const viewer = '200'

const facts: AuthorFacts = {
  active: true,
  isPrivate: false,
  following: false,
  closeFriendOf: false,
  listsVisibleTo: 'everyone',
  blocking: false,
  blockedBy: false,
  mutesPosts: false,
  mutesStories: false,
  storiesHidden: false,
}

/** Every way of standing to somebody. A pending request gives nothing, so its facts are a stranger's. */
const relations = {
  self: {},
  follower: { following: true },
  pending: {},
  stranger: {},
  blocked: { blockedBy: true },
  blocking: { blocking: true },
  'blocked follower': { blockedBy: true, following: true },
  muted: { mutesPosts: true, mutesStories: true },
  'muted follower': { mutesPosts: true, following: true },
  'close friend': { closeFriendOf: true },
  'close follower': { closeFriendOf: true, following: true },
  'blocked close follower': { closeFriendOf: true, following: true, blockedBy: true },
  'signed-out': {},
} as const satisfies Record<string, Partial<AuthorFacts>>
type Relation = keyof typeof relations

const accounts = {
  public: {},
  private: { isPrivate: true },
  'public, not active': { active: false },
  'private, not active': { active: false, isPrivate: true },
} as const satisfies Record<string, Partial<AuthorFacts>>
type Account = keyof typeof accounts

const kinds = ['profile', 'post', 'story', 'comment', 'message', 'list', 'media'] as const
const statuses = [undefined, 'processing', 'ready', 'failed', 'review', 'removed'] as const

const followers: Relation[] = ['follower', 'muted follower', 'close follower']
const anyone: Relation[] = [...followers, 'pending', 'stranger', 'muted', 'close friend', 'signed-out']

/** Who may see a thing besides its author; written out, so that it is not the rule once more. */
const table: Record<Thing['kind'], { public: Relation[]; private: Relation[] }> = {
  profile: { public: [...anyone, 'blocking'], private: [...anyone, 'blocking'] },
  comment: { public: anyone, private: anyone },
  message: { public: anyone, private: anyone },
  post: { public: anyone, private: followers },
  story: { public: anyone, private: followers },
  media: { public: anyone, private: followers },
  list: { public: anyone, private: followers },
}

function sightOf(relation: Relation, account: Account, more: Partial<AuthorFacts> = {}): Sight {
  const viewerId = relation === 'self' ? author : relation === 'signed-out' ? null : viewer
  return {
    viewerId,
    authors: new Map([[author, { ...facts, ...accounts[account], ...relations[relation], ...more }]]),
  }
}

const hasStatus = (kind: Thing['kind']) => kind === 'post' || kind === 'story' || kind === 'media'

function expected(relation: Relation, account: Account, thing: Thing): boolean {
  if (account.endsWith('not active') || thing.deleted) return false
  if (relation === 'self') return true
  if (hasStatus(thing.kind) && thing.status !== undefined && thing.status !== 'ready') return false
  return table[thing.kind][account as 'public' | 'private'].includes(relation)
}

test('every kind of thing × every relation × every account × every status', () => {
  let checked = 0
  for (const kind of kinds) {
    for (const relation of Object.keys(relations) as Relation[]) {
      for (const account of Object.keys(accounts) as Account[]) {
        for (const status of hasStatus(kind) ? statuses : [undefined]) {
          for (const deleted of [false, true]) {
            const thing: Thing = {
              kind,
              authorId: author,
              deleted,
              ...(status === undefined ? {} : { status }),
            }
            const name = `${relation} sees ${deleted ? 'deleted ' : ''}${status ?? ''} ${kind} of ${account}`
            assert.equal(canSee(sightOf(relation, account), thing), expected(relation, account, thing), name)
            checked++
          }
        }
      }
    }
  }
  assert.equal(checked, 13 * 4 * 2 * (4 + 3 * 6))
})

/** Besides the author; of posts that are ready, and of lists. */
const groups = {
  everyone: { public: anyone, private: followers },
  followers: { public: followers, private: followers },
  close_friends: { public: ['close friend', 'close follower'], private: ['close follower'] },
  nobody: { public: [], private: [] },
} as const satisfies Record<string, Record<'public' | 'private', readonly Relation[]>>

test('every audience and every rule for lists × every relation × private or not', () => {
  for (const account of ['public', 'private'] as const)
    for (const relation of Object.keys(relations) as Relation[]) {
      const sees = (group: keyof typeof groups) =>
        relation === 'self' || (groups[group][account] as readonly Relation[]).includes(relation)
      for (const audience of ['public', 'followers', 'close_friends'] as const)
        for (const kind of ['post', 'story', 'media'] as const)
          assert.equal(
            canSee(sightOf(relation, account), { kind, authorId: author, status: 'ready', audience }),
            sees(audience === 'public' ? 'everyone' : audience),
            `${relation} sees a ${kind} for ${audience} of a ${account} account`,
          )
      for (const listsVisibleTo of ['everyone', 'followers', 'nobody'] as const)
        assert.equal(
          canSee(sightOf(relation, account, { listsVisibleTo }), { kind: 'list', authorId: author }),
          sees(listsVisibleTo),
          `${relation} sees lists for ${listsVisibleTo} of a ${account} account`,
        )
    }
})

test('an expired Story is seen by nobody, and one that is hidden from somebody not by them', () => {
  const story: Thing = { kind: 'story', authorId: author, status: 'ready', audience: 'followers' }
  for (const relation of Object.keys(relations) as Relation[])
    assert.equal(canSee(sightOf(relation, 'public'), { ...story, expired: true }), false, relation)
  const hidden = sightOf('close follower', 'public', { storiesHidden: true })
  for (const audience of ['followers', 'close_friends'] as const)
    assert.equal(canSee(hidden, { ...story, audience }), false)
  assert.equal(canSee(hidden, { kind: 'post', authorId: author, audience: 'followers' }), true)
  assert.equal(canSee(sightOf('self', 'public', { storiesHidden: true }), story), true)
})

test('an author who was not looked up is not seen, by nobody and by oneself', () => {
  const sight: Sight = { viewerId: author, authors: new Map() }
  for (const kind of kinds) assert.equal(canSee(sight, { kind, authorId: author }), false)
})

test('muting hides nothing; it only keeps posts out of the feed', () => {
  assert.equal(mutes(sightOf('muted', 'public'), author), true)
  assert.equal(mutes(sightOf('stranger', 'public'), author), false)
  assert.equal(mutes(sightOf('muted', 'public'), '999'), false)
})

test('a comment that waits is never seen but by its author and by the owner of the post', () => {
  const comment: Thing = { kind: 'comment', authorId: author, waitsFor: viewer }
  for (const relation of ['follower', 'stranger', 'muted'] as const) {
    assert.equal(canSee(sightOf(relation, 'public'), comment), true, 'the owner sees it')
    assert.equal(canSee(sightOf(relation, 'public'), { ...comment, held: true }), false, 'moderators first')
    assert.equal(canSee(sightOf(relation, 'public'), { ...comment, waitsFor: '300' }), false, relation)
  }
  assert.equal(canSee(sightOf('signed-out', 'public'), comment), false)
  assert.equal(canSee(sightOf('self', 'public'), comment), true)
  for (const relation of ['blocked', 'blocking'] as const)
    assert.equal(canSee(sightOf(relation, 'public'), comment), false, relation)
})

test('an audience that the rule does not know is not open to everybody', () => {
  const unknown = { kind: 'post', authorId: author, status: 'ready', audience: 'acquaintances' } as unknown
  for (const relation of anyone)
    assert.equal(canSee(sightOf(relation, 'public'), unknown as Thing), false, relation)
  assert.equal(canSee(sightOf('self', 'public'), unknown as Thing), true)
})

test('a database that is away while sight is loaded is heard of by whoever asked, and ends no process', async () => {
  const database = createDatabase(
    { url: 'postgres://nobody@127.0.0.1:1/nothing', poolSize: 2 },
    pino({ level: 'silent' }),
  )
  const unheard: unknown[] = []
  const note = (error: unknown) => unheard.push(error)
  process.on('unhandledRejection', note)
  await assert.rejects(loadSight(database.main, { id: viewer }, [author]))
  await database.close()
  await turn()
  process.off('unhandledRejection', note)
  assert.deepEqual(unheard, [])
})
