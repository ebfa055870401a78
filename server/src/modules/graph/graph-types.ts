import type { Relationship } from '@heliograph/contract/accounts'
import type { AccountRow, RecountReport } from '#modules/accounts'
import type { Id } from '#platform/ids/ids.ts'
import type { HasShown } from './block-service.ts'
import type { InteractionRules } from './interactions.ts'
import type { ReconcileReport } from './reconcile.ts'
import type { Sights } from './sights.ts'
import type { Sight } from './visibility.ts'

export interface GraphApi extends Sights, InteractionRules {
  /** At most 7,500, newest first. */
  followeesOf(id: Id): Promise<Id[]>
  /** Those of the followees who are favourites, the newest first. */
  favouritesOf(id: Id): Promise<Id[]>
  relationships(viewerId: Id, ids: readonly Id[]): Promise<Map<Id, Relationship>>
  /** Those of `ids` who restrict this person: for what they are then not told. */
  restrictedBy(id: Id, ids: readonly Id[]): Promise<Set<Id>>
  /** Those of `ids` who follow the author. */
  followersAmong(authorId: Id, ids: readonly Id[]): Promise<Id[]>
  /** Whose posts the viewer does not want in the feed. */
  mutedBy(viewerId: Id): Promise<ReadonlySet<Id>>
  /** The same from the other end: how each of these viewers stands to one author. */
  loadAudience(authorId: Id, viewerIds: readonly Id[]): Promise<Map<Id, Sight>>
  /** Addresses of what was shown so end with a block, as those of limited posts do. */
  whenBlocking(ask: HasShown): void
  /** For routes: throws `user.not_found` when it is not there or not for this viewer. */
  findVisibleUser(viewer: { id: Id } | null, username: string): Promise<AccountRow>
  /** Proves that both sides of every relation stand, and makes them agree. */
  reconcile(): Promise<ReconcileReport>
  /** Proves the counters of followers and following against the rows. */
  recount(): Promise<{ followers: RecountReport; following: RecountReport }>
}
