import type { Notification } from '@heliograph/contract/notifications'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Events } from '#platform/events/events.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { Dependents } from './notifications-dependents.ts'
import type { PageOfNotifications } from './notifications-list.ts'
import { followTouched } from './notifications-touched.ts'
import type { UnreadCounts } from './notifications-view.ts'

/** The beginning of somebody's list, ready to be sent. */
interface Board extends UnreadCounts {
  ownerId: Id
  items: readonly RawJson[]
  positions: readonly (readonly string[])[]
  hasMore: boolean
  /** Everybody and everything that it depends on, shown or left out. */
  about: ReadonlySet<Id>
  /** From then on its addresses are others, or a Story in it has ended. */
  freshUntil: number
  /** Something of it changed while it was read. */
  isOutdated: boolean
}

export interface Beginning extends UnreadCounts {
  items: readonly RawJson[]
  nextPosition: readonly string[] | null
}

export interface Boards {
  /** As many as there are on one page; from memory without waiting where it is there. */
  beginning(viewer: { id: Id }, limit: number): Soon<Beginning>
  /** `ids` may count otherwise now for whoever was shown them; `ownerIds`: those who were so from what was kept here. */
  onTouched(listener: (touched: { ids: readonly Id[]; ownerIds: readonly Id[] }) => void): void
  /** Of each that is kept no longer: what its owner was shown, and devices may go on showing. */
  onGone(listener: (board: Pick<Board, 'ownerId' | 'about'>) => void): void
}

/** Rows of a page as it is asked for most. */
export const boardRows = 20
/** Ids that all boards together may depend on: some 60 MB. */
const keptIds = 500_000

interface Deps {
  coherence: Pick<Coherence, 'createKept'>
  events: Events
  clock: Clock
  read(viewer: { id: Id }): Promise<UnreadCounts & { page: PageOfNotifications; about: Set<Id> }>
  /** Milliseconds; see media. */
  addressesChangeAt(isPublic: boolean, now: number): number
}

/**
 * Kept while nothing that it depends on changes: its owner, the people in it, posts, Stories. What takes sight away drops it
 * before it is answered, as everything else that is kept.
 */
export function createBoards({ coherence, events, clock, read, addressesChangeAt }: Deps): Boards {
  const dependents = new Dependents<Board>()
  const touchedListeners: Parameters<Boards['onTouched']>[0][] = []
  const goneListeners: Parameters<Boards['onGone']>[0][] = []
  const loading = new Set<Set<Id>>()

  const kept = coherence.createKept<Id, Board>({
    name: 'notifications',
    max: keptIds,
    weigh: ({ about, items }) => about.size + items.length * 20,
    onGone: forget,
    onUnkept: forget,
    load: async (ids) => new Map(await Promise.all(ids.map(async (id) => [id, await load(id)] as const))),
  })

  async function load(ownerId: Id): Promise<Board> {
    const touched = new Set<Id>()
    loading.add(touched)
    try {
      const now = clock.now()
      const { page, unreadCount, unreadMessages, about, endsAt } = await read({ id: ownerId })
      const board: Board = {
        ownerId,
        items: page.items.map(jsonOf),
        positions: page.positions,
        hasMore: page.nextPosition !== null,
        unreadCount,
        unreadMessages,
        endsAt,
        about,
        freshUntil: Math.min(addressesChangeAt(false, now), page.endsAt, endsAt),
        isOutdated: !about.isDisjointFrom(touched),
      }
      dependents.add(board)
      return board
    } finally {
      loading.delete(touched)
    }
  }

  function forget(board: Board): void {
    dependents.delete(board)
    for (const listener of goneListeners) listener(board)
  }

  function drop(ids: readonly Id[]): void {
    for (const id of ids) kept.drop(id)
  }

  /** Gives whose boards depended on them. */
  function dropAbout(ids: readonly Id[]): Id[] {
    for (const id of ids) for (const touched of loading) touched.add(id)
    const ownerIds = ids.flatMap((id) => dependents.of(id).map(({ ownerId }) => ownerId))
    drop(ownerIds)
    return ownerIds
  }

  function told(ids: readonly Id[], ownerIds: readonly Id[]): void {
    for (const listener of touchedListeners) listener({ ids, ownerIds })
  }

  followTouched(events, {
    list: (...ids) => drop(ids),
    own(...ids) {
      drop(ids)
      told([], ids)
    },
    about(...ids) {
      drop(ids)
      told(ids, [...ids, ...dropAbout(ids)])
    },
    looks(...ids) {
      drop(ids)
      dropAbout(ids)
    },
  })

  /** For one answer alone. */
  async function loadUnkept(ownerId: Id): Promise<Board> {
    const board = await load(ownerId)
    forget(board)
    return board
  }

  const cut = (board: Board, limit: number): Beginning => ({
    items: board.items.slice(0, limit),
    nextPosition:
      board.items.length > limit || board.hasMore
        ? (board.positions[Math.min(limit, board.items.length) - 1] ?? null)
        : null,
    unreadCount: board.unreadCount,
    unreadMessages: board.unreadMessages,
    endsAt: board.endsAt,
  })
  const isGood = (board: Board | undefined): board is Board =>
    board !== undefined && !board.isOutdated && clock.now() < board.freshUntil

  return {
    beginning(viewer, limit) {
      const there = kept.peek(viewer.id)
      if (isGood(there)) return cut(there, limit)
      if (there) kept.drop(viewer.id)
      // One that is outdated as it comes shows what was there when it was asked for.
      return whenThere(kept.get(viewer.id), async (board) =>
        cut(board ?? (await loadUnkept(viewer.id)), limit),
      )
    },
    onTouched: (listener) => void touchedListeners.push(listener),
    onGone: (listener) => void goneListeners.push(listener),
  }
}

function jsonOf(item: Notification): RawJson {
  return [Buffer.from(JSON.stringify(item))]
}
