import type { Selectable } from 'kysely'
import type { ExportRoom, ExportWish } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { listHighlights } from './highlights/highlights-repository.ts'
import { isExpired, isKeptFor } from './stories-policy.ts'
import { findStories, type StoryRow } from './stories-repository.ts'
import type { StoredOverlay, StoriesTable } from './stories-tables.ts'

interface Deps {
  database: Database
  clock: Clock
  media: Pick<MediaApi, 'files'>
}

const batch = 100

/** Of one's own Stories those that are out or kept; what is over is over in a copy too. */
export function createExportStories({ database, clock, media }: Deps): ExportRoom {
  const db = database.main

  async function* own({ id, before }: ExportWish, order: 'asc' | 'desc', from: Id | null = null) {
    const pages = eachPage<Pick<Selectable<StoriesTable>, 'id'>>(batch, (last) => {
      const place = last?.id ?? from
      return db
        .selectFrom('stories')
        .select('id')
        .where('bucket', '=', bucketOf(id))
        .where('author_id', '=', id)
        .where('deleted_at', 'is', null)
        .where('id', '<', before)
        .$if(place !== null, (query) => query.where('id', order === 'asc' ? '>' : '<', place!))
        .orderBy('id', order)
        .limit(batch)
        .execute()
    })
    for await (const rows of pages) {
      const ids = rows.map((row) => row.id)
      const stories = await findStories(db, ids)
      const isThere = (story: StoryRow) => !isExpired(story, clock.now()) || isKeptFor(id, story)
      yield ids.flatMap((storyId) => stories.get(storyId) ?? []).filter(isThere)
    }
  }

  /** What a moderator took away is told of, and not given out. */
  const mediaOf = (story: StoryRow) => (story.status === 'removed' ? [] : [story.media_id])

  async function* stories(wish: ExportWish) {
    for await (const page of own(wish, 'desc')) {
      const names = await media.files.namesOf(wish.id, page.flatMap(mediaOf))
      for (const story of page)
        yield {
          id: story.id,
          createdAt: story.created_at,
          publishedAt: story.published_at,
          expiresAt: story.expires_at,
          status: story.status,
          audience: story.audience,
          isArchived: story.archived,
          altText: story.alt_text,
          overlays: story.overlays,
          views: story.final_views,
          reactions: story.final_reactions,
          removalNote: story.removal_note,
          files: names.get(story.media_id) ?? null,
        }
    }
  }

  async function* highlights({ id }: ExportWish) {
    for (const { id: highlightId, title, created_at, storyIds } of await listHighlights(db, id))
      yield { id: highlightId, title, createdAt: created_at, storyIds }
  }

  return {
    name: 'stories',
    data: (wish) => [
      {
        name: 'stories',
        about: {
          en: 'Your Stories that are out or kept.',
          de: 'Deine Storys, die zu sehen sind oder aufbewahrt werden.',
        },
        rows: () => stories(wish),
      },
      {
        name: 'highlights',
        about: { en: 'Your highlights.', de: 'Deine Highlights.' },
        rows: () => highlights(wish),
      },
    ],
    async *media(wish, after) {
      for await (const page of own(wish, 'asc', after))
        for (const story of page) yield { place: story.id, ids: mediaOf(story) }
    },
    async *moments(wish) {
      for await (const page of own(wish, 'desc'))
        for (const story of page)
          yield {
            at: story.published_at ?? story.created_at,
            text: story.overlays.flatMap(wordsOf).join(' '),
            where: story.overlays.find((overlay) => overlay.kind === 'place')?.name ?? null,
            media: mediaOf(story).map((id) => ({ id, altText: story.alt_text })),
          }
    },
  }
}

function wordsOf(overlay: StoredOverlay): string[] {
  if (overlay.kind === 'text') return [overlay.text]
  if (overlay.kind === 'mention') return [`@${overlay.username}`]
  return overlay.kind === 'hashtag' ? [`#${overlay.tag}`] : []
}
