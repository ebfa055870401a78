import type { ModerationAct } from '@heliograph/contract/moderation'
import { type Role, rankOf, roleRanks } from '@heliograph/contract/roles'
import { type AccountsApi, requireAbove, type Suspension } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { MessagesModeration } from '#modules/messages'
import type { PostsModeration } from '#modules/posts'
import type { StoriesModeration } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { BlockedPicture, BlockList } from './moderation-block-list.ts'
import { type CaseRow, closeCase, findCase } from './moderation-cases.ts'
import type { Actor, ModerationLog } from './moderation-log.ts'
import { digestsOf, versionOf, wordsOf } from './moderation-versions.ts'

export interface Decision {
  id: Id
  act: ModerationAct
  decidedAt: Date
}

export interface Decisions {
  /**
   * Once: the same again by the same person changes nothing; another one is `moderation.decided`. About the version
   * that was seen, `moderation.changed` when there is another by now; without one, about whatever is there.
   */
  decide(
    actor: Actor,
    caseId: Id,
    /** Nobody suspends without a proof that it is them (`auth.proof_needed`) and without saying why (`moderation.note_needed`). */
    decision: { act: ModerationAct; note: string; version?: string | undefined; isProved?: boolean },
  ): Promise<Decision>
  /** Lets a removed picture be shared again. Throws `moderation.not_found`. */
  unblock(actor: Actor, blockedId: Id, note: string): Promise<BlockedPicture>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  accounts: Pick<
    AccountsApi,
    'findByIds' | 'lockAccounts' | 'lockSubject' | 'rolesOf' | 'suspend' | 'suspensionOf'
  >
  media: Pick<MediaApi, 'hashesOf'>
  posts: PostsModeration
  messages: Pick<MessagesModeration, 'removeMessage' | 'versionsOf'>
  stories: Pick<StoriesModeration, 'approve' | 'remove'>
  blockList: BlockList
  log: ModerationLog
}

type Facts = Record<string, unknown>
type Done = { before: Facts; after: Facts; approvedTexts?: string | null }

export function createDecisions(deps: Deps): Decisions {
  const { database, events, clock, accounts, media, posts, messages, stories, blockList, log } = deps

  async function decidePost(tx: Tx, row: CaseRow, act: ModerationAct, note: string) {
    const named = { postId: row.subject_id, authorId: row.author_id }
    if (act !== 'remove') {
      const before = await posts.approvePost(tx, named, { sensitive: act === 'sensitive' })
      return (
        before && { before, after: { status: 'ready', sensitive: before.sensitive || act === 'sensitive' } }
      )
    }
    const removed = await posts.removePost(tx, named, note)
    if (!removed) return undefined
    const { mediaIds, ...before } = removed
    await blockList.add(tx, await media.hashesOf(tx, mediaIds))
    return { before, after: { status: 'removed' } }
  }

  async function decideComment(tx: Tx, row: CaseRow, act: ModerationAct) {
    const named = { postId: row.post_id!, commentId: row.subject_id }
    const isRemoved = act === 'remove'
    const before = await (isRemoved ? posts.removeComment(tx, named) : posts.approveComment(tx, named))
    return before && { before, after: isRemoved ? { removed: true } : { held: false } }
  }

  async function decideMessage(tx: Tx, row: CaseRow, act: ModerationAct) {
    if (act !== 'remove') return { before: { removed: false }, after: { removed: false } }
    const removed = await messages.removeMessage(tx, row.subject_id)
    if (!removed) return undefined
    await blockList.add(tx, await media.hashesOf(tx, removed.mediaIds))
    return { before: removed.before, after: { removed: true } }
  }

  async function decideStory(tx: Tx, row: CaseRow, act: ModerationAct, note: string) {
    const named = { storyId: row.subject_id, authorId: row.author_id }
    if (act !== 'remove') {
      const before = await stories.approve(tx, named)
      return before && { before, after: { status: 'ready' } }
    }
    const removed = await stories.remove(tx, named, note)
    if (!removed) return undefined
    await blockList.add(tx, await media.hashesOf(tx, removed.mediaIds))
    return { before: removed.before, after: { status: 'removed' } }
  }

  /** Suspending ends the sessions too: whoever decided is answered when no process lets that account in any more. */
  async function decideAccount(
    tx: Tx,
    row: CaseRow,
    { act, note, own }: { act: ModerationAct; note: string; own: readonly Role[] | null },
  ) {
    const account = (await accounts.findByIds([row.subject_id], tx)).get(row.subject_id)
    if (!account || account.state === 'deleted') return undefined
    // Whoever looks after the server is not put out of it from here: the operator takes the role away first.
    if (act === 'remove' && (await accounts.rolesOf(row.subject_id, tx)).length > 0)
      throw fault('auth.forbidden', { detail: 'This account has a role. Take that away first.' })
    const { state } = account
    const standing = await standingOf(tx, row.subject_id)
    const { rank, ...facts } = standing ?? { reason: note, until: null, rank: rankOf(own ?? roleRanks) }
    if (act === 'remove' && !standing) await accounts.suspend(tx, row.subject_id, { ...facts, rank })
    const words = wordsOf(account)
    return {
      before: { state, ...(standing && told(standing)), ...words },
      after: act === 'remove' ? { state: 'suspended', ...told(facts) } : { state },
      approvedTexts: act === 'approve' ? JSON.stringify(digestsOf(words)) : null,
    }
  }

  /** One that stands is told in the log and left as it is: another end or reason is given it on the page of the account. */
  async function standingOf(tx: Tx, id: Id): Promise<Suspension | null> {
    const suspension = await accounts.suspensionOf(id, tx)
    // Its end has come, and nobody has ended it yet.
    const isOver = suspension?.until && suspension.until.getTime() <= clock.now()
    return isOver ? null : suspension
  }

  function carryOut(
    tx: Tx,
    row: CaseRow,
    { act, note, own }: { act: ModerationAct; note: string; own: readonly Role[] | null },
  ) {
    if (row.subject === 'post') return decidePost(tx, row, act, note)
    if (row.subject === 'message') return decideMessage(tx, row, act)
    if (row.subject === 'story') return decideStory(tx, row, act, note)
    return row.subject === 'comment'
      ? decideComment(tx, row, act)
      : decideAccount(tx, row, { act, note, own })
  }

  /**
   * Who decides still has a role. Nobody decides about his own things, nor against an equal or a superior; the
   * operator about everything. Both are locked before the thing itself, as by everybody who changes it.
   */
  async function requireMay(tx: Tx, row: CaseRow, actor: Actor, act: ModerationAct) {
    const { own, roles } = await accounts.lockSubject(tx, actor?.id ?? null, row.author_id)
    const isSelf = actor?.id === row.author_id
    requireAbove(own, act === 'approve' ? [] : roles, { isSelf })
    return own
  }

  async function requireSeen(tx: Tx, { id, ...about }: CaseRow, version: string): Promise<void> {
    const { subject, subject_id: subjectId, author_id: authorId } = about
    // What a comment or a Story says is never changed.
    const isFixed = subject === 'comment' || subject === 'story'
    const found = async () => {
      if (subject === 'post') return await posts.lockVersion(tx, { postId: subjectId, authorId })
      if (subject === 'message') return (await messages.versionsOf([subjectId], tx)).get(subjectId)
      return (await accounts.lockAccounts(tx, [authorId])).get(subjectId)
    }
    const there = await found()
    const now = await findCase(tx, id)
    // Who was first, and what is gone, is told by what follows.
    if (now?.state !== 'waiting' || (!isFixed && !there)) return
    if (versionOf(now, there) !== version) throw fault('moderation.changed')
  }

  async function record(
    tx: Tx,
    row: CaseRow,
    actor: Actor,
    given: { act: ModerationAct; note: string; version?: string | undefined; at: Date },
  ) {
    const own = await requireMay(tx, row, actor, given.act)
    if (given.version !== undefined) await requireSeen(tx, row, given.version)
    // The thing before the case, as its owner takes it away in that order too.
    const carriedOut: Done = (await carryOut(tx, row, { ...given, own })) ?? {
      before: { gone: true },
      after: { gone: true },
    }
    const { approvedTexts = null, ...done } = carriedOut
    const closing = {
      act: given.act,
      decided_by: actor?.id ?? null,
      decided_at: given.at,
      approved_texts: approvedTexts,
    }
    if (!(await closeCase(tx, row.id, closing))) throw fault('moderation.decided')
    const author = (await accounts.findByIds([row.author_id], tx)).get(row.author_id)
    await log.write(tx, {
      caseId: row.id,
      act: given.act,
      at: given.at,
      actor,
      subject: row.subject,
      subjectId: row.subject_id,
      postId: row.post_id,
      author: author ? { id: author.id, username: author.username } : null,
      note: given.note,
      ...done,
    })
    await events.emit(tx, 'moderation.decided', {
      bucket: row.bucket,
      subjectId: row.id,
      data: { caseId: row.id, subject: row.subject, authorId: row.author_id, act: given.act },
    })
  }

  return {
    async decide(actor, caseId, { act, note, version, isProved = actor === null }) {
      const row = await findCase(database.main, caseId)
      if (!row || row.state === 'withdrawn') throw fault('moderation.not_found')
      if (act === 'sensitive' && row.subject !== 'post') throw fault('moderation.act')
      const isSuspending = act === 'remove' && row.subject === 'account'
      if (isSuspending && !isProved) throw fault('auth.proof_needed')
      if (isSuspending && note.trim() === '') throw fault('moderation.note_needed')
      const at = new Date(clock.now())
      try {
        if (row.state === 'decided') throw fault('moderation.decided')
        await database.transaction((tx) => record(tx, row, actor, { act, note, version, at }), {
          ...(actor ? { by: actor.id } : {}),
        })
        return { id: caseId, act, decidedAt: at }
      } catch (error) {
        const now = await findCase(database.main, caseId)
        if (now?.state !== 'decided' || now.act !== act || now.decided_by !== (actor?.id ?? null)) throw error
        return { id: caseId, act, decidedAt: now.decided_at! }
      }
    },

    async unblock(actor, blockedId, note) {
      return await database.transaction(async (tx) => {
        const picture = await blockList.remove(tx, blockedId)
        if (!picture) throw fault('moderation.not_found')
        await log.write(tx, {
          caseId: null,
          act: 'unblock_picture',
          at: new Date(clock.now()),
          actor,
          subject: 'picture',
          subjectId: picture.mediaId,
          postId: null,
          author: null,
          note,
          before: { hash: picture.hash },
          after: {},
        })
        return picture
      })
    },
  }
}

const told = ({ reason, until }: Pick<Suspension, 'reason' | 'until'>): Facts => ({
  reason,
  until: until?.toISOString() ?? null,
})
