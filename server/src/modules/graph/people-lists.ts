import type { UserListItem } from '@heliograph/contract/accounts'
import type { AccountsApi, Relations } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import { type FilledPage, fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import type { Id } from '#platform/ids/ids.ts'
import { listRows, type PairTable, type Place, pairs } from './pair-rows.ts'
import type { Sights } from './sights.ts'
import { canSee } from './visibility.ts'

type MaybeViewer = { id: Id } | null

export interface PageOfPeople {
  items: UserListItem[]
  /** Where the next page begins. */
  next: Id | null
}

export interface ListQuery {
  before: Id | null
  limit: number
}

export interface PeopleLists {
  followers(viewer: MaybeViewer, username: string, query: ListQuery): Promise<PageOfPeople>
  following(viewer: MaybeViewer, username: string, query: ListQuery): Promise<PageOfPeople>
  requests(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  blocks(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  mutes(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  restricted(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  favourites(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  closeFriends(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
  storyHiddenFrom(viewer: { id: Id }, query: ListQuery): Promise<PageOfPeople>
}

interface Deps {
  database: Database
  accounts: AccountsApi
  relations: Relations
  sights: Pick<Sights, 'loadSight'>
}

export function createPeopleLists({ database, accounts, relations, sights }: Deps): PeopleLists {
  /** Counts count all; a list shows whom this viewer may see. */
  async function readPage(list: PairTable, owner: Id, viewer: MaybeViewer, query: ListQuery) {
    const skeleton: Skeleton<Place> = {
      read: (position, count) =>
        listRows(database.main, list, owner, { before: position?.[0] ?? null, limit: count }),
      positionOf: (place) => [place.id],
    }
    const found = await fillPage(
      skeleton,
      async (places) => {
        const visible = await relations.visibleProfiles(
          viewer,
          places.map((place) => place.userId),
        )
        return places.filter((place) => visible.has(place.userId))
      },
      { position: query.before === null ? null : [query.before], limit: query.limit },
    )
    return present(viewer, found)
  }

  async function present(viewer: MaybeViewer, page: FilledPage<Place>): Promise<PageOfPeople> {
    const ids = page.rows.map((place) => place.userId)
    const [people, relationships] = await Promise.all([
      accounts.findByIds(ids),
      viewer ? relations.relationships(viewer.id, ids) : null,
    ])
    return {
      items: ids.flatMap((id) => {
        const account = people.get(id)
        return account ? [accounts.presentListItem(account, relationships?.get(id) ?? null)] : []
      }),
      next: page.nextPosition?.[0] ?? null,
    }
  }

  /** The name of a private account may be seen; whom it knows may not: an empty list, as of an empty account. */
  async function readListOf(list: PairTable, viewer: MaybeViewer, username: string, query: ListQuery) {
    const account = await accounts.findVisibleUser(viewer, username)
    const sight = await sights.loadSight(viewer, [account.id])
    if (!canSee(sight, { kind: 'list', authorId: account.id })) return { items: [], next: null }
    return readPage(list, account.id, viewer, query)
  }

  return {
    followers: (viewer, username, query) => readListOf(pairs.follows.mirror, viewer, username, query),
    following: (viewer, username, query) => readListOf(pairs.follows.truth, viewer, username, query),
    requests: (viewer, query) => readPage(pairs.requests.mirror, viewer.id, viewer, query),
    blocks: (viewer, query) => readPage(pairs.blocks.truth, viewer.id, viewer, query),
    mutes: (viewer, query) => readPage(pairs.mutes.truth, viewer.id, viewer, query),
    restricted: (viewer, query) => readPage(pairs.restricts.truth, viewer.id, viewer, query),
    favourites: (viewer, query) => readPage(pairs.favourites.truth, viewer.id, viewer, query),
    closeFriends: (viewer, query) => readPage(pairs.closeFriends.truth, viewer.id, viewer, query),
    storyHiddenFrom: (viewer, query) => readPage(pairs.storyHidden.truth, viewer.id, viewer, query),
  }
}
