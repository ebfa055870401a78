import { limits } from '@heliograph/contract/limits'
import type { AccountRow } from '#modules/accounts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import type { SeenStories } from '../views/seen-stories.ts'
import { orderRings, type Ring, ringOf } from './rings.ts'
import type { StoriesOut } from './stories-out.ts'

type Deps = Pick<StoriesDeps, 'clock' | 'accounts' | 'graph' | 'media' | 'tastes'> & {
  out: StoriesOut
  seen: SeenStories
}

/** Of those whom one marked among all whom one follows. */
const asFavourite = 20

export interface Tray {
  /** Rings as JSON that is ready to be sent. */
  read(viewer: Viewer): Promise<RawJson[]>
}

/** From memory: what authors have out, how the viewer stands to them, and what they have seen. */
export function createTray(deps: Deps): Tray {
  const { clock, accounts, graph, tastes, out, seen } = deps
  const summaries = createSummaries(deps)

  return {
    async read(viewer) {
      const relations = await graph.relationsOf(viewer.id)
      const wanted = [viewer.id]
      for (const id of relations.following) if (!relations.mutedStories.has(id)) wanted.push(id)
      const authors = out.peek(wanted) ?? (await out.of(wanted))
      const withStories = wanted.filter((id) => authors.get(id)?.stories.length)
      const [sight, looked, taste] = await Promise.all([
        graph.peekSight(viewer, withStories) ?? graph.loadSight(viewer, withStories),
        seen.peek(viewer.id) ?? seen.of(viewer.id),
        tastes.peekTaste(viewer.id) ?? tastes.tasteOf(viewer.id),
      ])
      const closenessOf = (id: Id) =>
        (taste.authors.get(id)?.given ?? 0) + (relations.favourites.has(id) ? asFavourite : 0)
      const now = clock.now()
      const rings: Ring[] = []
      for (const id of withStories) {
        const ring = ringOf(authors.get(id)!, { now, sight, seen: looked, closenessOf })
        if (ring) rings.push(ring)
      }
      const shown = orderRings(rings, viewer.id).slice(0, limits.trayRings)
      const ids = shown.map(({ authorId }) => authorId)
      const people = accounts.peekByIds(ids) ?? (await accounts.findByIds(ids))
      return shown.flatMap((ring) => {
        const account = people.get(ring.authorId)
        return account ? [[summaries.of(account), presentRing(ring)]] : []
      })
    },
  }
}

function presentRing({ unseen, latestAt, count, closeFriends }: Ring): string {
  return `"unseen":${unseen},"latestAt":"${new Date(latestAt).toISOString()}","count":${count},"closeFriends":${closeFriends}}`
}

/**
 * `{"user":{…},` of each account, made once: a row of an account never changes, another one takes its place. The address of its
 * picture is another one from time to time.
 */
function createSummaries({ accounts, media, clock }: Pick<Deps, 'accounts' | 'media' | 'clock'>) {
  const made = new WeakMap<AccountRow, { bytes: Buffer; until: number }>()
  return {
    of(account: AccountRow): Buffer {
      const now = clock.now()
      const known = made.get(account)
      if (known && known.until > now) return known.bytes
      const bytes = Buffer.from(`{"user":${JSON.stringify(accounts.presentSummary(account))},`)
      made.set(account, { bytes, until: media.addressesChangeAt(true, now) })
      return bytes
    },
  }
}
