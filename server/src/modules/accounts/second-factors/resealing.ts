import type { Selectable } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { after } from '#platform/db/keyset.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { TotpFactorsTable } from './factors-tables.ts'
import type { SealedSecrets } from './sealed-secrets.ts'

/** After a change of the keys: what an older one has sealed is sealed with the new one. */
export interface Resealing {
  /** Goes on where it was interrupted, as what is done is found done. Codes work all the while. */
  resealAll(signal?: AbortSignal): Promise<Resealed>
}

export interface Resealed {
  resealed: number
  /** By no key that there is: that was so before. */
  unreadable: number
}

interface Deps {
  database: Database
  sealed: Pick<SealedSecrets, 'reseal'>
}

const batch = 500

export function createResealing({ database, sealed }: Deps): Resealing {
  const all = () =>
    eachPage<Pick<Selectable<TotpFactorsTable>, 'bucket' | 'user_id' | 'sealed_secret'>>(batch, (last) =>
      database.main
        .selectFrom('totp_factors')
        .select(['bucket', 'user_id', 'sealed_secret'])
        .$if(last !== null, (query) =>
          query.where(after(['bucket', 'user_id'], [last!.bucket, last!.user_id], 'asc')),
        )
        .orderBy('bucket')
        .orderBy('user_id')
        .limit(batch)
        .execute(),
    )

  /** What its owner replaced meanwhile stays as it is: that was sealed with the new one. */
  async function replace(userId: Id, before: Buffer, after: Buffer): Promise<void> {
    await database.main
      .updateTable('totp_factors')
      .set({ sealed_secret: after })
      .where('bucket', '=', bucketOf(userId))
      .where('user_id', '=', userId)
      .where('sealed_secret', '=', before)
      .execute()
  }

  return {
    async resealAll(signal) {
      const report: Resealed = { resealed: 0, unreadable: 0 }
      for await (const rows of all())
        for (const { user_id: userId, sealed_secret: before } of rows) {
          signal?.throwIfAborted()
          const anew = resealed(sealed, userId, before)
          if (anew === undefined) report.unreadable++
          if (!anew) continue
          await replace(userId, before, anew)
          report.resealed++
        }
      return report
    },
  }
}

/** Null: it is as it should be; undefined: nobody can read it. */
function resealed(sealed: Pick<SealedSecrets, 'reseal'>, userId: Id, before: Buffer) {
  try {
    return sealed.reseal(userId, before)
  } catch {
    return undefined
  }
}
