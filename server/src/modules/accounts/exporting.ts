import type { Language } from '@heliograph/contract/preferences'
import type { Id } from '#platform/ids/ids.ts'

/** Whose copy it is, and of what: what was made before it was asked for. */
export interface ExportWish {
  id: Id
  /** Drawn when it was asked for. */
  before: Id
}

/** One JSON file of the copy. Rows are read as they are written, a page at a time. */
export type ExportedData = {
  /** Without its ending. */
  name: string
  /** What is in it, for whoever opens it years later. */
  about: Readonly<Record<Language, string>>
} & ({ rows(): AsyncIterable<object> } | { value(): Promise<object> })

/** Media that belong together, in a place that stays: writing goes on behind it after a break. */
export interface ExportedMedia {
  place: string
  ids: readonly Id[]
}

/** What its owner looks at page by page: a post, a Story. */
export interface ExportedMoment {
  at: Date
  text: string
  where: string | null
  media: readonly { id: Id; altText: string }[]
}

/** What somebody wrote in a conversation, or what happened there. */
export interface ExportedSaying {
  at: Date
  /** Username; null: nobody who may be named. */
  from: string | null
  isOwn: boolean
  text: string
  media: readonly { id: Id; altText: string }[]
  /** What stands there that is neither text nor media. */
  notes: readonly Readonly<Record<Language, string>>[]
}

/** A conversation, to be read. */
export interface ExportedTalk {
  /** '' where it has none: those who are in it are named instead. */
  title: string
  /** Usernames of the others. */
  people: readonly string[]
  /** The newest first. */
  sayings(): AsyncIterable<ExportedSaying>
}

/** What a room has of a person, as that person may see it now. Asked again it may have changed; nothing is kept of it. */
export interface ExportRoom {
  name: string
  data(wish: ExportWish): readonly ExportedData[]
  /** In order of their places, behind `after`. */
  media?(wish: ExportWish, after: string | null): AsyncIterable<ExportedMedia>
  /** The newest first. */
  moments?(wish: ExportWish): AsyncIterable<ExportedMoment>
  talks?(wish: ExportWish): AsyncIterable<ExportedTalk>
}

export interface Exporting {
  whenExported(room: ExportRoom): void
  /** In the order in which modules were made. */
  readonly exportRooms: readonly ExportRoom[]
}

export function createExporting(): Exporting {
  const exportRooms: ExportRoom[] = []
  return { exportRooms, whenExported: (room) => void exportRooms.push(room) }
}
