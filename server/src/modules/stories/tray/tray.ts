import { limits } from '@heliograph/contract/limits'
import { LRUCache } from 'lru-cache'
import type { AccountRow } from '#modules/accounts'
import type { Taste } from '#modules/feed'
import type { SightOver, ViewerRelations } from '#modules/graph'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import type { SeenStories } from '../views/seen-stories.ts'
import { orderRings, type Ring, ringOf } from './rings.ts'
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
/** Of trays that are ready: those of some 300 people who follow a thousand each. */
const readyBytes = 32 * 1024 * 1024

export interface Tray {
  /** Rings as JSON that is ready to be sent. Undefined: not all of it is in memory. Never waits. */
  peek(viewer: Viewer): RawJson[] | undefined
  read(viewer: Viewer): Promise<RawJson[]>
}

/** What a tray that is ready was made from: as long as all of it is the same, so is the tray. */
interface Stamps {
  readonly relations: ViewerRelations
  /** Of what everybody's accounts are to others, and of their names and pictures. */
  readonly sightVersion: number
  readonly accountsVersion: number
  readonly outVersion: number
  readonly authors: readonly AuthorsOut[]
  readonly seen: ReadonlySet<Id>
  readonly seenCount: number
}

interface Ready extends Stamps {
  readonly bytes: Buffer
  /** Until the first of its Stories ends, an address changes, or the order is looked at anew. */
  readonly until: number
}

interface Facts {
  authors: readonly AuthorsOut[]
  relations: ViewerRelations
  sight: SightOver
  seen: ReadonlySet<Id>
  taste: Taste
  now: number
}

/** From memory: what authors have out, how the viewer stands to them, and what they have seen. */
export function createTray(deps: Deps): Tray {
  const { clock, accounts, graph, media, tastes, out, seen } = deps
  const summaries = createSummaries(deps)
  const ready = new LRUCache<Id, Ready>({ maxSize: readyBytes, sizeCalculation: weightOf })

  function ringsOf(viewer: Viewer, { authors, relations, sight, taste, ...facts }: Facts): Ring[] {
    const closenessOf = (id: Id) =>
      (taste.authors.get(id)?.given ?? 0) + (relations.favourites.has(id) ? asFavourite : 0)
    const rings: Ring[] = []
    for (const author of authors) {
      if (author.stories.length === 0) continue
      const ring = ringOf(author, { ...facts, sight, closenessOf })
      if (ring) rings.push(ring)
    }
    return orderRings(rings, viewer.id).slice(0, limits.trayRings)
  }

  function present(rings: readonly Ring[], people: ReadonlyMap<Id, AccountRow>): Buffer {
    const texts = rings.flatMap((ring) => {
      const account = people.get(ring.authorId)
      return account ? [summaries.of(account) + presentRing(ring)] : []
    })
    return Buffer.from(texts.join(','))
  }

  /** Taken before anything is read by them. */
  function stampsOf(viewer: Viewer, known: Stamps | undefined): Stamps | undefined {
    const relations = graph.peekRelations(viewer.id)
    const sightVersion = graph.peekAuthors([])?.version
    const accountsVersion = accounts.peekVersion()
    const outVersion = out.peekVersion()
    const looked = seen.peek(viewer.id)
    if (!relations || !looked || outVersion === undefined) return undefined
    if (sightVersion === undefined || accountsVersion === undefined) return undefined
    const isStill = known?.outVersion === outVersion && known.relations === relations
    const found = isStill ? null : out.peek(wantedBy(viewer, relations))
    if (found === undefined) return undefined
    const authors = found === null ? known!.authors : [...found.values()]
    const versions = { sightVersion, accountsVersion, outVersion }
    return { relations, ...versions, authors, seen: looked, seenCount: looked.size }
  }

  function make(viewer: Viewer, stamps: Stamps): Ready | undefined {
    const { authors, relations } = stamps
    const now = clock.now()
    const withStories = authors.flatMap(({ authorId, stories }) => (stories.length > 0 ? [authorId] : []))
    const sight = graph.peekSight(viewer, withStories)
    const taste = tastes.peekTaste(viewer.id)
    if (!sight || !taste) return undefined
    const rings = ringsOf(viewer, { authors, relations, sight, seen: stamps.seen, taste, now })
    const people = accounts.peekByIds(rings.map(({ authorId }) => authorId))
    if (!people) return undefined
    const ends = authors.flatMap(({ stories }) => stories.map(({ expiresAt }) => expiresAt))
    const next = ends.filter((end) => end > now).reduce((first, end) => Math.min(first, end), Infinity)
    const until = Math.min(next, media.addressesChangeAt(true, now), now + orderKeptMs)
    return { ...stamps, bytes: present(rings, people), until }
  }

  return {
    peek(viewer) {
      const known = ready.get(viewer.id)
      const stamps = stampsOf(viewer, known)
      if (!stamps) return undefined
      if (known && known.until > clock.now() && isSame(known, stamps)) {
        // Others' Stories changed: these need not be compared again.
        if (known.outVersion !== stamps.outVersion) ready.set(viewer.id, { ...known, ...stamps })
        return itemsOf(known.bytes)
      }
      const made = make(viewer, stamps)
      if (!made) return undefined
      ready.set(viewer.id, made)
      return itemsOf(made.bytes)
    },

    async read(viewer) {
      const relations = await graph.relationsOf(viewer.id)
      const found = await out.of(wantedBy(viewer, relations))
      const authors = [...found.values()]
      const withStories = authors.flatMap(({ authorId, stories }) => (stories.length > 0 ? [authorId] : []))
      const [sight, looked, taste] = await Promise.all([
        graph.loadSight(viewer, withStories),
        seen.of(viewer.id),
        tastes.tasteOf(viewer.id),
      ])
      const now = clock.now()
      const rings = ringsOf(viewer, { authors, relations, sight, seen: looked, taste, now })
      return itemsOf(present(rings, await accounts.findByIds(rings.map(({ authorId }) => authorId))))
    },
  }
}

function wantedBy(viewer: Viewer, { following, mutedStories }: ViewerRelations): Id[] {
  const wanted = [viewer.id]
  for (const id of following) if (!mutedStories.has(id)) wanted.push(id)
  return wanted
}

function isSame(known: Stamps, now: Stamps): boolean {
  return (
    known.relations === now.relations &&
    known.sightVersion === now.sightVersion &&
    known.accountsVersion === now.accountsVersion &&
    known.seen === now.seen &&
    known.seenCount === now.seenCount &&
    (known.authors === now.authors ||
      (known.authors.length === now.authors.length &&
        known.authors.every((author, at) => author === now.authors[at])))
  )
}

/** All rings are one piece of memory. */
function itemsOf(bytes: Buffer): RawJson[] {
  return bytes.length === 0 ? [] : [[bytes]]
}

function weightOf({ bytes, authors }: Ready): number {
  return 200 + bytes.length + authors.length * 8
}

function presentRing({ unseen, latestAt, count, closeFriends }: Ring): string {
  return `"unseen":${unseen},"latestAt":"${new Date(latestAt).toISOString()}","count":${count},"closeFriends":${closeFriends}}`
}
