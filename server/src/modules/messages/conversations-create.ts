import { cleanLine } from '@heliograph/contract/clean-text'
import { limits } from '@heliograph/contract/limits'
import type { NewConversation } from '@heliograph/contract/messages'
import type { Db, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import { saveConversation } from './conversations-repository.ts'
import { insertInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { addNotice, emitChanged } from './messages-notices.ts'
import type { ConversationRow, MemberRow } from './messages-tables.ts'

/** Takes from what somebody may spend on strangers; throws `rate.limited`. */
export type SpendOnStrangers = (points: number) => Promise<void>

interface Asked {
  once: Once
  spend: SpendOnStrangers
}

/** `isNew` is false for a conversation with one person that was there already. */
export type CreateConversation = (
  creator: Reader,
  wanted: NewConversation,
  asked: Asked,
) => Promise<{ id: Id; isNew: boolean }>

type Deps = Pick<MessagesDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'>

export function createConversationCreation(deps: Deps): CreateConversation {
  const { database, accounts } = deps

  async function createDirect(
    creator: Reader,
    otherId: Id,
    { once, spend }: Asked,
  ): Promise<{ id: Id; isNew: boolean }> {
    const there = await findDirect(database.main, creator.id, otherId)
    if (there) return { id: there, isNew: false }
    await requireAllowed(deps, creator, [otherId])
    const accepted = await acceptingOf(deps, creator, [otherId])
    await spend(1)
    return await database.transaction(
      async (tx) => {
        const conversation = newConversation(deps, creator, 'direct', null)
        const claimed = await claimDirect(tx, creator.id, otherId, conversation.id)
        if (claimed !== conversation.id) return { id: claimed, isNew: false }
        await tx.insertInto('conversations').values(conversation).execute()
        await addPeople(deps, tx, conversation, [
          { id: creator.id, isAdmin: false, isAccepted: true },
          { id: otherId, isAdmin: false, isAccepted: accepted.has(otherId) },
        ])
        await once.record(tx, conversation.id)
        return { id: conversation.id, isNew: true }
      },
      { by: [creator.id, otherId] },
    )
  }

  async function createGroup(
    creator: Reader,
    ids: readonly Id[],
    { name, once, spend }: Asked & { name: string | null },
  ) {
    if (ids.length + 1 > limits.conversationMembers) throw fault('conversation.full')
    await requireAllowed(deps, creator, ids)
    const accepted = await acceptingOf(deps, creator, ids)
    await spend(Math.max(1, ids.length - accepted.size))
    const conversation = newConversation(deps, creator, 'group', name)
    await database.transaction(
      async (tx) => {
        conversation.counter = 0
        await tx.insertInto('conversations').values(conversation).execute()
        await addPeople(deps, tx, conversation, [
          { id: creator.id, isAdmin: true, isAccepted: true },
          ...ids.map((id) => ({ id, isAdmin: false, isAccepted: accepted.has(id) })),
        ])
        const memberIds = () => [creator.id, ...ids]
        const locked = { tx, conversation, memberIds, next: () => ++conversation.counter }
        await addNotice(deps, locked, creator.id, { kind: 'created', userIds: [...ids] })
        await saveConversation(tx, conversation, { counter: conversation.counter })
        await emitChanged(deps, locked)
        await once.record(tx, conversation.id)
      },
      { by: [creator.id, ...ids] },
    )
    return { id: conversation.id, isNew: true }
  }

  return async (creator, { members, name }, asked) => {
    const found = new Set<Id>()
    for (const username of members) found.add((await accounts.findVisibleUser(creator, username)).id)
    found.delete(creator.id)
    const [first, ...more] = found
    if (first === undefined) throw fault('conversation.self')
    return more.length === 0 && name === undefined
      ? await createDirect(creator, first, asked)
      : await createGroup(creator, [first, ...more], { ...asked, name: cleanLine(name ?? '') || null })
  }
}

/**
 * Who may be written to by this person; nobody is told which of several it was. Whom one blocks one brings into no group of one's
 * own either: they would hear of one again.
 */
export async function requireAllowed(
  { graph }: Pick<Deps, 'graph'>,
  writer: Reader,
  ids: readonly Id[],
): Promise<void> {
  const [allowing, standing] = await Promise.all([
    graph.allowing('messages', writer.id, ids),
    graph.relationships(writer.id, ids),
  ])
  if (ids.some((id) => !allowing.has(id) || standing.get(id)?.blocking)) throw fault('message.not_allowed')
}

/** Those who follow this person, and do not keep them at a distance: for everybody else it is a request. */
export async function acceptingOf(
  { graph }: Pick<Deps, 'graph'>,
  { id: writerId }: Reader,
  ids: readonly Id[],
): Promise<Set<Id>> {
  const found = await Promise.all(
    ids.map(async (id) => [id, (await graph.relationships(id, [writerId])).get(writerId)] as const),
  )
  return new Set(
    found.flatMap(([id, standing]) => (standing?.following === 'yes' && !standing.restricting ? [id] : [])),
  )
}

function newConversation(
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  creator: Reader,
  kind: ConversationRow['kind'],
  name: string | null,
): ConversationRow {
  const bucket = ids.randomBucket()
  return {
    bucket,
    id: ids.next(bucket),
    kind,
    name,
    picture_media_id: null,
    created_by: creator.id,
    counter: 0,
    created_at: new Date(clock.now()),
  }
}

export interface NewMember {
  id: Id
  isAdmin: boolean
  isAccepted: boolean
}

/** They see what comes after the conversation's number as it is now. */
export async function addPeople(
  { ids }: Pick<Deps, 'ids'>,
  tx: Tx,
  conversation: ConversationRow,
  people: readonly NewMember[],
): Promise<MemberRow[]> {
  const { id: conversationId, bucket, counter } = conversation
  const rows: MemberRow[] = people.map(({ id, isAdmin, isAccepted }) => ({
    bucket,
    conversation_id: conversationId,
    user_id: id,
    is_admin: isAdmin,
    is_member: true,
    joined_id: ids.next(bucket),
    is_accepted: isAccepted,
    after_sequence: counter,
    read_sequence: counter,
    told_sequence: counter,
    version: counter,
    cleared_version: 0,
  }))
  await tx
    .insertInto('conversation_members')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'conversation_id', 'user_id']).doUpdateSet((eb) => ({
        is_admin: eb.ref('excluded.is_admin'),
        is_member: true,
        joined_id: eb.ref('excluded.joined_id'),
        is_accepted: eb.ref('excluded.is_accepted'),
        after_sequence: eb.ref('excluded.after_sequence'),
        read_sequence: eb.ref('excluded.read_sequence'),
        told_sequence: eb.ref('excluded.told_sequence'),
        version: eb.ref('excluded.version'),
        cleared_version: 0,
      })),
    )
    .execute()
  await insertInbox(
    tx,
    rows.map((row) => ({
      user_id: row.user_id,
      conversation_id: conversationId,
      folder: row.is_accepted ? 'inbox' : 'requests',
      activity_id: conversationId,
      is_hidden: true,
    })),
  )
  return rows
}

function pairOf(a: Id, b: Id): { low_id: Id; high_id: Id } {
  const [low_id, high_id] = compareIds(a, b) < 0 ? [a, b] : [b, a]
  return { low_id, high_id }
}

export async function findDirect(db: Db, a: Id, b: Id): Promise<Id | undefined> {
  const { low_id, high_id } = pairOf(a, b)
  const row = await db
    .selectFrom('direct_conversations')
    .select('conversation_id')
    .where('bucket', '=', bucketOf(low_id))
    .where('low_id', '=', low_id)
    .where('high_id', '=', high_id)
    .executeTakeFirst()
  return row?.conversation_id
}

/** Of two who write to each other at once the second finds the first one's. */
async function claimDirect(tx: Tx, a: Id, b: Id, conversationId: Id): Promise<Id> {
  const { low_id, high_id } = pairOf(a, b)
  const bucket = bucketOf(low_id)
  const claimed = await tx
    .insertInto('direct_conversations')
    .values({ bucket, low_id, high_id, conversation_id: conversationId })
    .onConflict((conflict) => conflict.columns(['bucket', 'low_id', 'high_id']).doNothing())
    .returning('conversation_id')
    .executeTakeFirst()
  if (claimed) return conversationId
  const there = await tx
    .selectFrom('direct_conversations')
    .select('conversation_id')
    .where('bucket', '=', bucket)
    .where('low_id', '=', low_id)
    .where('high_id', '=', high_id)
    .executeTakeFirstOrThrow()
  return there.conversation_id
}
