import { limits } from '@heliograph/contract/limits'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { deleteCleared } from './cleared-repository.ts'
import { acceptingOf, addPeople, requireAllowed, type SpendOnStrangers } from './conversations-create.ts'
import { saveMember } from './conversations-repository.ts'
import { deleteInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { addNotice, emitChanged, emitEnded } from './messages-notices.ts'
import { isMember, nextAdmin, requireAdmin, requireGroup } from './messages-policy.ts'
import type { MemberRow } from './messages-tables.ts'

/** Who is in a group. */
export interface GroupMembers {
  add(admin: Reader, conversationId: Id, username: string, spend: SpendOnStrangers): Promise<void>
  remove(admin: Reader, conversationId: Id, username: string): Promise<void>
  makeAdmin(admin: Reader, conversationId: Id, username: string): Promise<void>
  /** Also from oneself; never from the last one. */
  unmakeAdmin(admin: Reader, conversationId: Id, username: string): Promise<void>
  leave(member: Reader, conversationId: Id): Promise<void>
}

type Deps = Pick<MessagesDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'> & {
  gate: MessagesGate
}

export function createGroupMembers(deps: Deps): GroupMembers {
  const { accounts, gate } = deps

  async function requireOwnGroup(admin: Reader, conversationId: Id): Promise<void> {
    const { conversation, own } = await gate.open(admin, conversationId)
    requireGroup(conversation)
    requireAdmin(own)
  }

  /** Also one whom the admin does not see any more: they stand in the list of members. */
  async function memberNamed(locked: Locked, username: string): Promise<MemberRow> {
    const account = await accounts.resolveUsername(username)
    const member = locked.members.find((one) => one.user_id === account?.id)
    if (!isMember(member)) throw fault('user.not_found')
    return member
  }

  /** An admin goes on behind the lock: they may have been removed since. */
  async function asAdmin(admin: Reader, conversationId: Id, work: (locked: Locked) => Promise<void>) {
    await gate.change(admin, conversationId, async (locked) => {
      requireGroup(locked.conversation)
      requireAdmin(locked.own)
      await work(locked)
    })
  }

  async function takeOut(locked: Locked, member: MemberRow): Promise<void> {
    member.is_member = false
    member.is_admin = false
    member.version = locked.next()
    await saveMember(locked.tx, member, { is_member: false, is_admin: false, version: member.version })
    await deleteCleared(locked.tx, locked.conversation.id, member.user_id)
    await deleteInbox(locked.tx, member.user_id, locked.conversation.id)
  }

  async function setAdmin(locked: Locked, member: MemberRow, isAdmin: boolean): Promise<void> {
    member.is_admin = isAdmin
    member.version = locked.next()
    await saveMember(locked.tx, member, { is_admin: isAdmin, version: member.version })
  }

  return {
    async add(admin, conversationId, username, spend) {
      await requireOwnGroup(admin, conversationId)
      const { id } = await accounts.findVisibleUser(admin, username)
      const { members } = await gate.open(admin, conversationId)
      if (members.some((one) => one.user_id === id && one.is_member)) return
      await requireAllowed(deps, admin, [id])
      const accepting = await acceptingOf(deps, admin, [id])
      if (!accepting.has(id)) await spend(1)
      await asAdmin(admin, conversationId, async (locked) => {
        const { tx, conversation } = locked
        if (locked.memberIds().includes(id)) return
        if (locked.memberIds().length >= limits.conversationMembers) throw fault('conversation.full')
        locked.next()
        const [added] = await addPeople(deps, tx, conversation, [
          { id, isAdmin: false, isAccepted: accepting.has(id) },
        ])
        locked.members.push(added!)
        await addNotice(deps, locked, admin.id, { kind: 'added', userIds: [id] })
        await emitChanged(deps, locked)
      })
    },

    async remove(admin, conversationId, username) {
      await asAdmin(admin, conversationId, async (locked) => {
        const member = await memberNamed(locked, username)
        if (member.user_id === admin.id) throw fault('user.not_found')
        await takeOut(locked, member)
        await addNotice(deps, locked, admin.id, { kind: 'removed', userIds: [member.user_id] })
        await emitChanged(deps, locked, [member.user_id])
      })
    },

    async makeAdmin(admin, conversationId, username) {
      await asAdmin(admin, conversationId, async (locked) => {
        const member = await memberNamed(locked, username)
        if (member.is_admin) return
        await setAdmin(locked, member, true)
        await addNotice(deps, locked, admin.id, { kind: 'made_admin', userIds: [member.user_id] })
        await emitChanged(deps, locked)
      })
    },

    async unmakeAdmin(admin, conversationId, username) {
      await asAdmin(admin, conversationId, async (locked) => {
        const member = await memberNamed(locked, username)
        if (!member.is_admin) return
        if (!locked.members.some((other) => other !== member && isMember(other) && other.is_admin))
          throw fault('conversation.last_admin')
        await setAdmin(locked, member, false)
        await addNotice(deps, locked, admin.id, { kind: 'unmade_admin', userIds: [member.user_id] })
        await emitChanged(deps, locked)
      })
    },

    async leave(member, conversationId) {
      await gate.change(member, conversationId, async (locked) => {
        requireGroup(locked.conversation)
        await takeOut(locked, locked.own)
        await addNotice(deps, locked, member.id, { kind: 'left', userIds: [] })
        const heir = nextAdmin(locked.members)
        if (heir) {
          await setAdmin(locked, heir, true)
          await addNotice(deps, locked, member.id, { kind: 'made_admin', userIds: [heir.user_id] })
        }
        await emitChanged(deps, locked, [member.id])
        if (locked.memberIds().length === 0) await emitEnded(deps, locked)
      })
    },
  }
}
