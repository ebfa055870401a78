import type { Interests, KeptSignal } from '@heliograph/contract/signals'
import type { z } from 'zod'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import { canSee, type GraphApi, type Sight } from '#modules/graph'
import { mediaKinds, rankingWeights, type Taste, type TasteSums, tasteFrom } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { sharesOf } from './signals-hours.ts'
import { listSignals, type SignalRow } from './signals-repository.ts'
import { loadSums } from './sums-repository.ts'

type Kept = z.output<typeof KeptSignal>

interface Deps {
  database: Database
  clock: Clock
  accounts: Pick<AccountsApi, 'findByIds' | 'preferencesOf' | 'presentSummary'>
  graph: Pick<GraphApi, 'loadSight'>
}

const peopleShown = 20
const namesShown = 30
const round = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000

/** What somebody may read of what is kept of them. Always from the primary: what was erased is not there. */
export function createSignalsView({ database, clock, accounts, graph }: Deps) {
  async function findPeople(viewer: { id: Id }, ids: readonly Id[]): Promise<Map<Id, AccountRow>> {
    const [found, sight] = await Promise.all([accounts.findByIds(ids), graph.loadSight(viewer, ids)])
    return new Map([...found].filter(([id]) => mayName(sight, id)))
  }

  return {
    async list(viewer: { id: Id }, before: Id | null, limit: number): Promise<Kept[]> {
      const rows = await listSignals(database.main, viewer.id, before, limit)
      const people = await findPeople(
        viewer,
        rows.flatMap(({ person_id }) => (person_id === null ? [] : [person_id])),
      )
      return rows.map((row) => presentSignal(row, people))
    },

    async interests(viewer: { id: Id }): Promise<Interests> {
      const [preferences, sums] = await Promise.all([
        accounts.preferencesOf([viewer.id]),
        loadSums(database.main, [viewer.id]),
      ])
      const { personalisation, timeZone } = preferences.get(viewer.id)!
      const own = sums.get(viewer.id)!
      const taste = tasteFrom(own, timeZone, clock.now())
      const closest = [...taste.authors]
        .map(([id, { given, received }]) => [id, strengthOf(given, received)] as const)
        .filter(([, strength]) => strength > 0)
        .sort(([, a], [, b]) => b - a)
        .slice(0, peopleShown * 2)
      const people = await findPeople(
        viewer,
        closest.map(([id]) => id),
      )
      return {
        personalisation,
        people: closest
          .flatMap(([id, strength]) => {
            const account = people.get(id)
            return account ? [{ user: accounts.presentSummary(account), strength: round(strength) }] : []
          })
          .slice(0, peopleShown),
        ...namesOf(own),
        ...habitsOf(own, taste),
      }
    },
  }
}

function mayName(sight: Sight, id: Id): boolean {
  return canSee(sight, { kind: 'profile', authorId: id }) && !sight.authors.get(id)?.blocking
}

function presentSignal(row: SignalRow, people: ReadonlyMap<Id, AccountRow>): Kept {
  return {
    id: row.id,
    kind: row.kind,
    at: row.at.toISOString(),
    postId: row.target_id,
    username: row.person_id === null ? null : (people.get(row.person_id)?.username ?? null),
    tag: row.tag,
    surface: row.surface,
    dwellMs: row.dwell_ms,
  }
}

function strengthOf(given: number, received: number): number {
  const { scale, receivedShare } = rankingWeights.relationship
  return 1 - Math.exp(-Math.max(0, given + receivedShare * received) / scale)
}

function namesOf({ features }: TasteSums): Pick<Interests, 'hashtags' | 'places' | 'words'> {
  const answered = [...features]
    .map(([feature, { answered: sum }]) => ({ feature, sum }))
    .filter(({ sum }) => sum > 0)
    .sort((a, b) => b.sum - a.sum)
  const strongest = answered[0]?.sum ?? 1
  const list = (prefix: string) =>
    answered
      .filter(({ feature }) => feature.startsWith(prefix))
      .slice(0, namesShown)
      .map(({ feature, sum }) => ({ name: feature.slice(prefix.length), strength: round(sum / strongest) }))
  return { hashtags: list('t:'), places: list('p:'), words: list('w:') }
}

function habitsOf(
  { rhythm }: TasteSums,
  { kindLifts, sessionMs, gapMs }: Taste,
): Pick<Interests, 'media' | 'hours' | 'usualSessionSeconds' | 'usualHoursBetweenSessions'> {
  return {
    media: mediaKinds.map((kind, at) => ({ kind, strength: round(1 / (1 + Math.exp(-kindLifts[at]!))) })),
    hours: Array.from(sharesOf(rhythm), round),
    usualSessionSeconds: sessionMs === null ? null : Math.round(sessionMs / 1000),
    usualHoursBetweenSessions: gapMs === null ? null : Math.round(gapMs / 360_000) / 10,
  }
}
