import { cleanLine } from '@heliograph/contract/clean-text'
import type { BodyOf } from '@heliograph/contract/endpoint'
import { limits } from '@heliograph/contract/limits'
import type { Highlight, Story, storiesEndpoints } from '@heliograph/contract/stories'
import type { Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesGate } from '../presenting/stories-gate.ts'
import type { StoriesPresenter } from '../presenting/stories-presenter.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import { isExpired } from '../stories-policy.ts'
import { lockStory } from '../stories-repository.ts'
import {
  countHighlights,
  findHighlight,
  type HighlightWithStories,
  letGo,
  listHighlights,
  saveStories,
} from './highlights-repository.ts'

type NewHighlight = BodyOf<(typeof storiesEndpoints)['POST /api/highlights']>
type HighlightPatch = BodyOf<(typeof storiesEndpoints)['PATCH /api/highlights/:id']>

export interface Highlights {
  listOf(viewer: Viewer, ownerId: Id): Promise<Highlight[]>
  create(owner: Viewer, body: NewHighlight, once: Once): Promise<Id>
  change(owner: Viewer, id: Id, patch: HighlightPatch): Promise<void>
  remove(owner: Viewer, id: Id): Promise<void>
  present(viewer: Viewer, id: Id): Promise<Highlight>
  open(viewer: Viewer, id: Id): Promise<{ highlight: Highlight; items: Story[]; ownerId: Id }>
}

type Deps = Pick<StoriesDeps, 'database' | 'ids' | 'clock' | 'accounts' | 'screening'> & {
  gate: StoriesGate
  presenter: StoriesPresenter
}

/** A highlight holds Stories of its owner, each for the audience that it had; whoever sees none of them finds nothing. */
export function createHighlights(deps: Deps): Highlights {
  const { database, ids, clock, accounts, screening, gate, presenter } = deps

  async function requireVisible(viewer: Viewer, id: Id) {
    const row = await findHighlight(database.main, id)
    const visible = row ? await gate.findVisible(viewer, row.storyIds) : []
    const shown = visible.filter(({ status }) => status === 'ready')
    // Of one's own one sees that it is there, whatever became of what it holds.
    if (!row || (shown.length === 0 && row.owner_id !== viewer.id)) throw fault('highlight.not_found')
    return { row, shown }
  }

  function presentWith(row: HighlightWithStories, storyCount: number, cover: Story | undefined): Highlight {
    return {
      id: row.id,
      title: row.title,
      createdAt: row.created_at.toISOString(),
      storyCount,
      coverStoryId: cover?.id ?? row.cover_id,
      coverUrl: cover?.media.imageUrl ?? null,
    }
  }

  /** Of those that this viewer sees. */
  const coverOf = <S extends { id: Id }>(row: HighlightWithStories, shown: readonly S[]): S | undefined =>
    shown.find(({ id }) => id === row.cover_id) ?? shown[0]

  async function open(viewer: Viewer, id: Id) {
    const { row, shown } = await requireVisible(viewer, id)
    const items = await presenter.present(viewer, shown)
    const highlight = presentWith(row, items.length, coverOf(row, items))
    return { highlight, items, ownerId: row.owner_id }
  }

  /** One's own that are out or kept: they stay from here on. */
  async function requireStories(tx: Tx, owner: Viewer, storyIds: readonly Id[]): Promise<void> {
    for (const storyId of [...storyIds].sort()) {
      const story = await lockStory(tx, storyId)
      const isThere = story?.author_id === owner.id && story.status === 'ready'
      const isKept = isThere && (!isExpired(story, clock.now()) || story.ended_at !== null || story.archived)
      if (!isKept) throw fault('story.not_found')
    }
  }

  /** Addresses of what is over were handed out by the highlight, and last for an hour or two. */
  async function letGoOf(
    tx: Tx,
    { bucket, owner_id: ownerId }: HighlightWithStories,
    storyIds: readonly Id[],
  ) {
    const isSightEnded = await letGo(tx, { bucket, storyIds, now: new Date(clock.now()) })
    if (isSightEnded) await accounts.endSight(tx, ownerId)
  }

  async function lockOwn(tx: Tx, owner: Viewer, id: Id): Promise<HighlightWithStories> {
    await accounts.lockAccounts(tx, [owner.id])
    const row = await findHighlight(tx, id)
    if (row?.owner_id !== owner.id) throw fault('highlight.not_found')
    return row
  }

  /** There is nothing to hold until a moderator has looked: the Stories in it were looked at when they were shared. */
  function requireTitle(title: string | undefined): void {
    if (title !== undefined && screening.isRefused(title)) throw fault('highlight.title')
  }

  return {
    open,
    present: async (viewer, id) => (await open(viewer, id)).highlight,

    async listOf(viewer, ownerId) {
      const rows = await listHighlights(database.main, ownerId)
      const visible = await gate.findVisible(
        viewer,
        rows.flatMap((row) => row.storyIds),
      )
      const ready = new Map(visible.flatMap((row) => (row.status === 'ready' ? [[row.id, row]] : [])))
      const shown = rows.map((row) => row.storyIds.flatMap((id) => ready.get(id) ?? []))
      // A hundred highlights of a hundred Stories each: nothing but their covers is shown here.
      const covers = rows.flatMap((row, at) => coverOf(row, shown[at]!) ?? [])
      const stories = new Map(
        (await presenter.present(viewer, [...new Set(covers)])).map((one) => [one.id, one]),
      )
      return rows.flatMap((row, at) => {
        const { length } = shown[at]!
        if (length === 0 && ownerId !== viewer.id) return []
        return [presentWith(row, length, stories.get(coverOf(row, shown[at]!)?.id ?? ''))]
      })
    },

    async create(owner, { title, storyIds, coverStoryId = storyIds[0]! }, once) {
      requireTitle(title)
      if (!storyIds.includes(coverStoryId)) throw fault('highlight.cover')
      const bucket = bucketOf(owner.id)
      const id = ids.next(bucket)
      await database.transaction(
        async (tx) => {
          await accounts.lockAccounts(tx, [owner.id])
          if ((await countHighlights(tx, owner.id)) >= limits.highlightsPerAccount)
            throw fault('highlight.too_many')
          await requireStories(tx, owner, storyIds)
          const created_at = new Date(clock.now())
          await tx
            .insertInto('highlights')
            .values({
              bucket,
              id,
              owner_id: owner.id,
              title: cleanLine(title),
              cover_id: coverStoryId,
              created_at,
            })
            .execute()
          await saveStories(tx, id, storyIds)
          await once.record(tx, id)
        },
        { by: owner.id },
      )
      return id
    },

    change: (owner, id, { title, storyIds, coverStoryId }) =>
      database.transaction(
        async (tx) => {
          const row = await lockOwn(tx, owner, id)
          requireTitle(title)
          const holds = storyIds ?? row.storyIds
          const cover = coverStoryId ?? (holds.includes(row.cover_id) ? row.cover_id : holds[0]!)
          if (!holds.includes(cover)) throw fault('highlight.cover')
          if (storyIds !== undefined) {
            await requireStories(
              tx,
              owner,
              storyIds.filter((storyId) => !row.storyIds.includes(storyId)),
            )
            await letGoOf(tx, row, await saveStories(tx, id, storyIds))
          }
          await tx
            .updateTable('highlights')
            .set({ title: title === undefined ? row.title : cleanLine(title), cover_id: cover })
            .where('bucket', '=', row.bucket)
            .where('id', '=', id)
            .execute()
        },
        { by: owner.id },
      ),

    remove: (owner, id) =>
      database.transaction(
        async (tx) => {
          const row = await lockOwn(tx, owner, id)
          await letGoOf(tx, row, await saveStories(tx, id, []))
          await tx.deleteFrom('highlights').where('bucket', '=', row.bucket).where('id', '=', id).execute()
        },
        { by: owner.id },
      ),
  }
}
