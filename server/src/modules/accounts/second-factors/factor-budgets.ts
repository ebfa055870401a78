import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { BudgetKind } from './factors-tables.ts'

const windowMs = 60 * 60 * 1000
/** An hour, for an account, in all processes together. */
const most: Readonly<Record<BudgetKind, number>> = { failure_mails: 1, recovery_codes: 5 }

export const budgetSeconds = windowMs / 1000

/** False when the hour has none left. */
export async function takeFactorBudget(
  db: Db | Tx,
  userId: Id,
  kind: BudgetKind,
  now: Date,
): Promise<boolean> {
  const windowStart = new Date(now.getTime() - windowMs)
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
            where('factor_budgets.used', '<', most[kind]),
          ]),
        ),
    )
    .returning('user_id')
    .executeTakeFirst()
  return taken !== undefined
}
