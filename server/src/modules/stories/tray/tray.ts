import { limits } from '@heliograph/contract/limits'
import { LRUCache } from 'lru-cache'
import type { AccountRow } from '#modules/accounts'
import { relationsChanged, type SightOver, type ViewerRelations } from '#modules/graph'
import type { Taste } from '#modules/ranking'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import type { SeenStories } from '../views/seen-stories.ts'
import {
  bytesOf,
  emptyTray,
  endedIn,
  type LaidTray,
  layTray,
  type NewRing,
  weightOfLaid,
} from './laid-tray.ts'
import { degreeOf, type Ring, ringOf } from './rings.ts'
import type { AuthorsOut, StoriesOut } from './stories-out.ts'
import { createSummaries } from './tray-summaries.ts'

type Deps = Pick<StoriesDeps, 'clock' | 'accounts' | 'graph' | 'media' | 'tastes'> & {
  out: StoriesOut
  seen: SeenStories
}

/** Of those whom one marked among all whom one follows. */
const asFavourite = 20
/** To whom somebody is close does not change the order of what they have before them sooner than this. */
const orderKeptMs = 60_000
/** As rows in memory: what was changed by hand in the database is noticed after this at the latest. */
const readyMs = 10 * 60_000
/** Of trays that are ready: those of some 200 people who follow a thousand each. */
const readyBytes = 32 * 1024 * 1024

export interface Tray {
  /** Rings as JSON that is ready to be sent. Undefined: not all of it is in memory. Never waits. */
  peek(viewer: Viewer): RawJson[] | undefined
  read(viewer: Viewer): Promise<RawJson[]>
}

/** Taken before anything is read by them: what is heard afterwards is another version. */
interface Versions {
  readonly sight: number
  readonly accounts: number
  readonly out: number
}

/** What is the viewer's own. */
interface Own {
  readonly relations: ViewerRelations
  readonly seen: ReadonlyMap<Id, Id>
  /** It grows: whatever was added later is looked at later. */
  readonly seenCount: number
}

/** What a ready tray was made from: as long as that is the same, so is the tray, but for those of whom something was heard. */
interface Ready extends Own {
  readonly versions: Versions
  readonly taste: Taste
  readonly laid: LaidTray
  readonly until: number
  readonly orderUntil: number
}

/** Whose Stories are looked at, and all that is known of them. */
interface Looked {
  readonly ids: ReadonlySet<Id>
  readonly found: ReadonlyMap<Id, AuthorsOut>
  readonly sight: SightOver
  readonly people: ReadonlyMap<Id, AccountRow>
}

/**
 * From memory: what authors have out, how the viewer stands to them, and what they have seen. A tray that is ready is sent
 * again; when something in it is another only those whose it is are looked at.
 */
export function createTray(deps: Deps): Tray {
  const { clock, accounts, graph, media, tastes, out, seen } = deps
  const summaries = createSummaries(deps)
  const ready = new LRUCache<Id, Ready>({ maxSize: readyBytes, sizeCalculation: weightOf })

  function peekVersions(): Versions | undefined {
    const sight = graph.peekAuthors([])?.version
    const [people, stories] = [accounts.peekVersion(), out.peekVersion()]
    if (sight === undefined || people === undefined || stories === undefined) return undefined
    return { sight, accounts: people, out: stories }
  }

  function peekOwn(viewer: Viewer): Own | undefined {
    const [relations, looked] = [graph.peekRelations(viewer.id), seen.peek(viewer.id)]
    return relations && looked && { relations, seen: looked, seenCount: looked.size }
  }

  async function loadOwn(viewer: Viewer): Promise<Own> {
    const [relations, looked] = await Promise.all([graph.relationsOf(viewer.id), seen.of(viewer.id)])
    return { relations, seen: looked, seenCount: looked.size }
  }

  /** What one looks at makes it another all the time; the order is not looked at anew for that. */
  const tasteKept = (known: Ready | undefined) =>
    known && clock.now() < known.orderUntil ? known.taste : undefined

  /** Undefined: all of it has to be looked at. */
  function changedIn(viewer: Viewer, known: Ready, own: Own): Set<Id> | undefined {
    const now = clock.now()
    if (known.seen !== own.seen || now >= known.until) return undefined
    // Also whom they follow no more, or have muted: theirs goes.
    const changed =
      known.relations === own.relations ? new Set<Id>() : relationsChanged(known.relations, own.relations)
    if (!changed) return undefined
    const lists = [
      out.changedSince(known.versions.out),
      graph.authorsChangedSince(known.versions.sight),
      accounts.changedSince(known.versions.accounts),
    ]
    for (const list of lists) {
      if (list === undefined) return undefined
      for (const id of list) if (isWanted(viewer, own.relations, id)) changed.add(id)
    }
    for (const id of endedIn(known.laid, now)) changed.add(id)
    if (own.seenCount > known.seenCount)
      for (const id of [...own.seen.values()].slice(known.seenCount)) changed.add(id)
    return changed
  }

  function peekLooked(viewer: Viewer, { relations }: Own, ids: ReadonlySet<Id>): Looked | undefined {
    const found = out.peek(wantedOf(viewer, relations, ids))
    if (!found) return undefined
    const withStories = idsWithStories(found)
    const sight = graph.peekSight(viewer, withStories)
    const people = sight && accounts.peekByIds(withStories)
    return people && { ids, found, sight, people }
  }

  async function loadLooked(viewer: Viewer, { relations }: Own, ids: ReadonlySet<Id>): Promise<Looked> {
    const found = await out.of(wantedOf(viewer, relations, ids))
    const withStories = idsWithStories(found)
    const [sight, people] = await Promise.all([
      graph.loadSight(viewer, withStories),
      accounts.findByIds(withStories),
    ])
    return { ids, found, sight, people }
  }

  function makeRings(own: Own, taste: Taste, { found, sight, people }: Looked): NewRing[] {
    const now = clock.now()
    const facts = { now, sight, seen: own.seen, degreeOf: (id: Id) => closenessOf(own, taste, id) }
    const made: NewRing[] = []
    for (const author of found.values()) {
      const account = author.stories.length > 0 ? people.get(author.authorId) : undefined
      const ring = account && ringOf(author, facts)
      if (ring) made.push({ ring, text: summaries.of(account) + presentRing(ring) })
    }
    return made
  }

  /** Undefined `known`: made anew. */
  function layFor(
    viewer: Viewer,
    { known, own, taste, looked }: { known: Ready | undefined; own: Own; taste: Taste; looked: Looked },
  ): Omit<Ready, 'versions'> {
    const now = clock.now()
    const isOrdered = known?.taste === taste
    const before = known?.laid ?? emptyTray
    const change = {
      viewerId: viewer.id,
      ids: looked.ids,
      made: makeRings(own, taste, looked),
      degreeOf: isOrdered ? undefined : (id: Id) => closenessOf(own, taste, id),
    }
    return {
      ...own,
      taste,
      laid: isOrdered && looked.ids.size === 0 ? before : layTray(before, change),
      until: known?.until ?? Math.min(media.addressesChangeAt(true, now), now + readyMs),
      orderUntil: known && now < known.orderUntil ? known.orderUntil : now + orderKeptMs,
    }
  }

  return {
    peek(viewer) {
      const [versions, own] = [peekVersions(), peekOwn(viewer)]
      if (!versions || !own) return undefined
      const kept = ready.get(viewer.id)
      const changed = kept && changedIn(viewer, kept, own)
      const known = changed && kept
      const looked = peekLooked(viewer, own, changed ?? wantedBy(viewer, own.relations))
      const taste = tasteKept(known) ?? tastes.peekTaste(viewer.id)
      if (!looked || !taste) return undefined
      const laid = layFor(viewer, { known, own, taste, looked })
      ready.set(viewer.id, { ...laid, versions })
      return itemsOf(laid.laid)
    },

    async read(viewer) {
      const [versions, own] = [peekVersions(), await loadOwn(viewer)]
      const kept = ready.get(viewer.id)
      const changed = kept && versions && changedIn(viewer, kept, own)
      let known = changed && kept
      const taste = await (tasteKept(known) ?? tastes.tasteOf(viewer.id))
      let looked = await loadLooked(viewer, own, changed ?? wantedBy(viewer, own.relations))
      // It took a while: what ended meanwhile is not shown by what was laid before.
      if (known && endedIn(known.laid, clock.now()).some((id) => !looked.ids.has(id))) {
        known = undefined
        looked = await loadLooked(viewer, own, wantedBy(viewer, own.relations))
      }
      const laid = layFor(viewer, { known, own, taste, looked })
      if (versions) ready.set(viewer.id, { ...laid, versions })
      return itemsOf(laid.laid)
    },
  }
}

function isWanted(viewer: Viewer, { following, mutedStories }: ViewerRelations, id: Id): boolean {
  return id === viewer.id || (following.has(id) && !mutedStories.has(id))
}

function wantedOf(viewer: Viewer, relations: ViewerRelations, ids: ReadonlySet<Id>): Id[] {
  return [...ids].filter((id) => isWanted(viewer, relations, id))
}

function wantedBy(viewer: Viewer, { following, mutedStories }: ViewerRelations): Set<Id> {
  const wanted = new Set([viewer.id])
  for (const id of following) if (!mutedStories.has(id)) wanted.add(id)
  return wanted
}

function idsWithStories(found: ReadonlyMap<Id, AuthorsOut>): Id[] {
  const ids: Id[] = []
  for (const { authorId, stories } of found.values()) if (stories.length > 0) ids.push(authorId)
  return ids
}

function closenessOf({ relations }: Own, taste: Taste, id: Id): number {
  return degreeOf((taste.authors.get(id)?.given ?? 0) + (relations.favourites.has(id) ? asFavourite : 0))
}

/** The rings of a block are one piece of memory. */
function itemsOf(laid: LaidTray): RawJson[] {
  return bytesOf(laid, limits.trayRings).map((bytes) => [bytes])
}

function weightOf({ laid }: Ready): number {
  return 200 + weightOfLaid(laid)
}

function presentRing({ unseen, latestAt, endsAt, count, closeFriends }: Ring): string {
  const [latest, ends] = [new Date(latestAt).toISOString(), new Date(endsAt).toISOString()]
  return `"unseen":${unseen},"latestAt":"${latest}","endsAt":"${ends}","count":${count},"closeFriends":${closeFriends}}`
}
