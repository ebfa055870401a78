import type { StoreName, StorePlace } from '#config/storage.ts'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../db/db.ts'
import { StoreSetupError } from './store-setup-error.ts'
import type { Stores } from './stores.ts'

/** Where the server that was started last puts new objects. */
export interface StoreHomes {
  /** Refuses to go on without S3 when objects were put there. */
  check(): Promise<void>
  note(): Promise<void>
  find(name: StoreName): Promise<StorePlace | null>
}

export function createStoreHomes(deps: { database: Database; clock: Clock; stores: Stores }): StoreHomes {
  const { database, clock, stores } = deps
  const db = database.main

  async function find(name: StoreName): Promise<StorePlace | null> {
    const row = await db
      .selectFrom('store_homes')
      .select('home')
      .where('bucket', '=', 0)
      .where('store', '=', name)
      .executeTakeFirst()
    return row?.home ?? null
  }

  return {
    find,
    async check() {
      for (const name of stores.names) {
        if (stores.placesOf(name).s3 !== null || (await find(name)) !== 's3') continue
        // Whoever is refused here ends: no connection may keep the process.
        stores.close()
        await database.close()
        throw new StoreSetupError(
          'Objects of this server were put into S3, and the S3_… settings are missing now. Give them again; to go back to folders, start once with STORAGE_HOME=folder beside them and run: npx heliograph storage move --to folder',
        )
      }
    },
    async note() {
      for (const store of stores.names) {
        const row = { home: stores.placesOf(store).home, noted_at: new Date(clock.now()) }
        await db
          .insertInto('store_homes')
          .values({ bucket: 0, store, ...row })
          .onConflict((on) => on.columns(['bucket', 'store']).doUpdateSet(row))
          .execute()
      }
    },
  }
}
