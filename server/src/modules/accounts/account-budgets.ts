import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { KnownPlace } from '#platform/http/rate-limits.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { BudgetKind, TriesKind } from './second-factors/factors-tables.ts'

const windowMs = 60 * 60 * 1000
/** An hour, for an account, in all processes together. */
const most: Readonly<Record<BudgetKind, number>> = {
  failure_mails: 1,
  sign_in_mails: 5,
  password_mails: 5,
  factors_added: 20,
  leavings: 5,
  recovery_codes: 5,
}

/** False when the hour has none left. */
export function takeBudget(db: Db | Tx, userId: Id, kind: BudgetKind, now: Date): Promise<boolean> {
  return take(db, userId, { kind, max: most[kind] }, now)
}

/** For what is refused then; throws `rate.limited`. */
export async function requireBudget(db: Db | Tx, userId: Id, kind: BudgetKind, now: Date): Promise<void> {
  if (!(await takeBudget(db, userId, kind, now)))
    throw fault('rate.limited', { headers: { 'retry-after': String(windowMs / 1000) } })
}

/** Before a code of an app is looked at where its owner is known to be; see `totpTries`. False when the hour has none left. */
export async function takeKnownTry(db: Db, userId: Id, place: KnownPlace, now: Date): Promise<boolean> {
  for (const budget of budgetsOf(place)) if (!(await take(db, userId, budget, now))) return false
  return true
}

/** Whoever shows the right code there is who may try. */
export async function giveKnownTriesBack(tx: Tx, userId: Id, place: KnownPlace): Promise<void> {
  const kinds = budgetsOf(place).map(({ kind }) => kind)
  await tx
    .deleteFrom('factor_budgets')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('kind', 'in', kinds)
    .execute()
}

/** What is older than the hour counts as if it were not there. */
export async function deleteOldBudgets(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('factor_budgets').where('since', '<=', windowStartOf(now)).execute()
}

/**
 * Each device and each session by itself. Whoever was signed in before there was a factor may have many: hence the bound over
 * all of them. Networks share one, since whoever knows the password may come by some of theirs.
 */
function budgetsOf(place: KnownPlace): Budget[] {
  if (place.kind === 'address') return [{ kind: 'code_tries networks', max: 10 }]
  return [
    { kind: `code_tries ${place.mark}`, max: 10 },
    { kind: 'code_tries devices', max: 30 },
  ]
}

interface Budget {
  kind: BudgetKind | TriesKind
  max: number
}

const windowStartOf = (now: Date) => new Date(now.getTime() - windowMs)

async function take(db: Db | Tx, userId: Id, { kind, max }: Budget, now: Date): Promise<boolean> {
  const windowStart = windowStartOf(now)
  const taken = await db
    .insertInto('factor_budgets')
    .values({ bucket: bucketOf(userId), user_id: userId, kind, used: 1, since: now })
    .onConflict((conflict) =>
      conflict
        .columns(['bucket', 'user_id', 'kind'])
        .doUpdateSet({
          used: sql<number>`case when factor_budgets.since <= ${windowStart} then 1 else factor_budgets.used + 1 end`,
          since: sql<Date>`case when factor_budgets.since <= ${windowStart} then ${now}::timestamptz else factor_budgets.since end`,
        })
        .where((where) =>
          where.or([
            where('factor_budgets.since', '<=', windowStart),
            where('factor_budgets.used', '<', max),
          ]),
        ),
    )
    .returning('user_id')
    .executeTakeFirst()
  return taken !== undefined
}
