import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import { fault, isFault } from '#platform/http/fault.ts'

/**
 * Writes that many do to the same rows at once, done together: while one group is being committed the next one gathers, so
 * that nobody waits for a row's lock and a commit serves many. Who submits is answered only after the commit.
 */
export interface GroupCommit<Write, Result> {
  /** Rejects with `server.overloaded` when too many wait. */
  submit(write: Write): Promise<Result>
}

export type Outcome<Result> = { value: Result } | { error: unknown }

export interface GroupCommitOptions<Write, Result> {
  /** Of one group only one commit is under way at a time. */
  groupOf(write: Write): number
  /** What of a group many may want at once: it leaves the others of its group their share of a commit. */
  partOf(write: Write): string
  /** Writes that must follow each other: never two of one key in the same commit. */
  keyOf(write: Write): string
  /**
   * Commits all, then gives the outcome of each. When it rejects, each is tried alone, so that nobody fails for another:
   * nothing may be left of a commit that rejects.
   */
  commit(writes: readonly Write[]): Promise<Outcome<Result>[]>
  /** Writes of one commit. */
  batchMax?: number
  waitingMax?: number
  /** Groups that commit at the same time: each takes a connection. */
  commitsMax?: number
}

interface Waiting<Write, Result> {
  write: Write
  resolve(result: Result): void
  reject(error: unknown): void
}

export function createGroupCommit<Write, Result>(
  options: GroupCommitOptions<Write, Result>,
): GroupCommit<Write, Result> {
  const { groupOf, commit, batchMax = 256, waitingMax = 4000, commitsMax = 4 } = options
  type One = Waiting<Write, Result>
  const groups = new Map<number, One[]>()
  const atOnce = pLimit(commitsMax)
  let waiting = 0

  async function commitAlone(one: One): Promise<void> {
    try {
      const [outcome] = await commit([one.write])
      settle(one, outcome!)
    } catch (error) {
      one.reject(error)
    }
  }

  async function commitBatch(batch: readonly One[]): Promise<void> {
    try {
      const outcomes = await commit(batch.map(({ write }) => write))
      for (const [index, one] of batch.entries()) settle(one, outcomes[index]!)
    } catch (error) {
      // A database that is away would refuse each of them.
      if (batch.length === 1 || isFault(error, 'server.unavailable'))
        for (const one of batch) one.reject(error)
      else for (const one of batch) await commitAlone(one)
    }
  }

  async function run(group: number): Promise<void> {
    // Those of the same turn of the event loop go together.
    await setImmediate()
    for (let all = groups.get(group)!; all.length > 0; all = groups.get(group)!)
      await atOnce(async () => {
        const { batch, rest } = chooseBatch(groups.get(group)!, options, batchMax)
        groups.set(group, rest)
        await commitBatch(batch)
        waiting -= batch.length
      })
    groups.delete(group)
  }

  return {
    submit(write) {
      if (waiting >= waitingMax)
        return Promise.reject(fault('server.overloaded', { headers: { 'retry-after': '2' } }))
      waiting++
      return new Promise((resolve, reject) => {
        const group = groupOf(write)
        const one = { write, resolve, reject }
        const gathered = groups.get(group)
        if (gathered) gathered.push(one)
        else {
          groups.set(group, [one])
          void run(group)
        }
      })
    },
  }
}

function settle<Write, Result>(one: Waiting<Write, Result>, outcome: Outcome<Result>): void {
  if ('error' in outcome) one.reject(outcome.error)
  else one.resolve(outcome.value)
}

/** In their order; every part gets its share first, what is left over goes to whoever comes first. */
function chooseBatch<Write, Result>(
  all: readonly Waiting<Write, Result>[],
  { partOf, keyOf }: Pick<GroupCommitOptions<Write, Result>, 'partOf' | 'keyOf'>,
  max: number,
): { batch: Waiting<Write, Result>[]; rest: Waiting<Write, Result>[] } {
  const seen = new Set<string>()
  const able: Waiting<Write, Result>[] = []
  const rest: Waiting<Write, Result>[] = []
  for (const one of all) {
    const key = keyOf(one.write)
    if (seen.has(key)) rest.push(one)
    else {
      seen.add(key)
      able.push(one)
    }
  }
  if (able.length <= max) return { batch: able, rest }
  const share = Math.max(1, Math.floor(max / new Set(able.map(({ write }) => partOf(write))).size))
  const taken = new Map<string, number>()
  const chosen = new Set<Waiting<Write, Result>>()
  for (const one of able) {
    if (chosen.size === max) break
    const part = partOf(one.write)
    const count = taken.get(part) ?? 0
    if (count >= share) continue
    taken.set(part, count + 1)
    chosen.add(one)
  }
  for (const one of able) {
    if (chosen.size === max) break
    chosen.add(one)
  }
  return {
    batch: all.filter((one) => chosen.has(one)),
    rest: all.filter((one) => !chosen.has(one)),
  }
}
