import { join } from 'node:path'
import { type StorageConfig, type StoreName, type StorePlace, storeNames } from '#config/storage.ts'
import type { Clock } from '../clock/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BlobStore } from './blobs.ts'
import { tidyCarried } from './carry.ts'
import { createFolderStore } from './folder-store.ts'
import { createLayeredStore } from './layered-store.ts'
import { createReplicatedStore } from './replicated-store.ts'
import { createRoutedStore } from './routed-store.ts'
import type { S3StoreOptions } from './s3-store.ts'
import { StoreSetupError } from './store-setup-error.ts'
import { createTieredFolders } from './tiered-folders.ts'
import { createStoreWatch, type WatchStore } from './watched-store.ts'

export interface Stores extends Readonly<Record<StoreName, BlobStore>> {
  readonly names: readonly StoreName[]
  /** The single places of a store, for those who carry objects from one to the other. */
  placesOf(name: StoreName): StorePlaces
  /** Where reads are answered from as long as it is there; its lists and its truth are those of the store. */
  primaryOf(name: StoreName): BlobStore
  /** The copy in a second region; null without one. */
  replicaOf(name: StoreName): BlobStore | null
  /** A folder for copies under way. */
  readonly scratch: string
  /** Throws what the operator has to mend; a place that is only away for now is told in the log. */
  check(): Promise<void>
  /** Removes what a crash left of puts and copies. */
  tidy(): Promise<void>
  close(): void
}

export interface StorePlaces {
  /** Where new objects go. */
  home: StorePlace
  folder: BlobStore
  s3: BlobStore | null
  /** A folder for copies under way. */
  scratch: string
}

export interface StoresOptions {
  config: StorageConfig
  /** The data folder. */
  folder: string
  reserveBytes: number
  metrics: Metrics
  clock: Clock
  log: Log
}

export async function createStores(options: StoresOptions): Promise<Stores> {
  const watch = createStoreWatch(options.metrics)
  const all = new Map(
    await Promise.all(
      storeNames.map(async (name) => {
        const places = await createPlaces(name, options)
        const replica = await createReplica(name, options)
        const primary = watchedStore(name, places, watch)
        return [name, { places, primary, replica: replica && watch(replica) }] as const
      }),
    ),
  )
  const placesOf = (name: StoreName) => all.get(name)!.places
  const primaryOf = (name: StoreName) => all.get(name)!.primary
  const replicaOf = (name: StoreName) => all.get(name)!.replica
  const storeOf = (name: StoreName) => {
    const [primary, replica] = [primaryOf(name), replicaOf(name)]
    return replica === null
      ? primary
      : createReplicatedStore({ name, primary, replica, clock: options.clock })
  }
  const stores = { media: storeOf('media'), stories: storeOf('stories'), exports: storeOf('exports') }
  const close = () => {
    for (const name of storeNames) stores[name].close()
  }
  return {
    ...stores,
    names: storeNames,
    placesOf,
    primaryOf,
    replicaOf,
    scratch: scratchOf(options.folder),
    async check() {
      const asked = storeNames.flatMap((name) => [primaryOf(name), replicaOf(name)])
      const checkOne = async (store: BlobStore | null) => {
        await store?.check().catch((error: unknown) => {
          if (error instanceof StoreSetupError) throw error
          options.log.error({ err: error, store: store.name }, 'a store of objects is away')
        })
      }
      // Whoever is refused here ends: no connection may keep the process.
      await Promise.all(asked.map(checkOne)).catch((error: unknown) => {
        close()
        throw error
      })
    },
    async tidy() {
      for (const name of storeNames) await stores[name].tidy()
      await tidyCarried(scratchOf(options.folder))
    },
    close,
  }
}

/** On the disk of the folders, so that a copy from one of them is a link. */
function scratchOf(dataFolder: string): string {
  return join(dataFolder, 'blobs', '.carried')
}

/** For those who copy media, Stories in their own store with them; null without a second region. */
export function copyPlacesOf(stores: Stores, { folder }: { folder: string }) {
  const [media, stories] = [stores.replicaOf('media'), stores.replicaOf('stories')]
  if (media === null || stories === null) return null
  return {
    primary: createRoutedStore(stores.primaryOf('media'), { folder, store: stores.primaryOf('stories') }),
    replica: createRoutedStore(media, { folder, store: stories }),
    scratch: stores.scratch,
  }
}

async function createPlaces(
  name: StoreName,
  { config, folder, reserveBytes }: StoresOptions,
): Promise<StorePlaces> {
  const hot = createFolderStore({ name, folder: join(folder, 'blobs', name), reserveBytes })
  const { s3, coldFolder, home } = config
  const scratch = scratchOf(folder)
  return {
    home,
    scratch,
    folder:
      coldFolder === null
        ? hot
        : createTieredFolders({
            name,
            hot,
            cold: createFolderStore({ name, folder: join(coldFolder, name) }),
            scratch,
          }),
    s3:
      s3 === null
        ? null
        : await openS3Store({
            name,
            bucket: s3.buckets[name],
            access: s3.access,
            setting: s3.settingOf(name),
          }),
  }
}

async function createReplica(
  name: StoreName,
  { config: { replica } }: StoresOptions,
): Promise<BlobStore | null> {
  if (replica === null) return null
  const copyName = `${name} copy`
  if ('folder' in replica) return createFolderStore({ name: copyName, folder: join(replica.folder, name) })
  const { access, buckets, settingOf } = replica.s3
  return openS3Store({ name: copyName, bucket: buckets[name], access, setting: settingOf(name) })
}

/** The client of S3 is a tenth of what a start would read, and most keep their pictures in a folder. */
async function openS3Store(options: S3StoreOptions): Promise<BlobStore> {
  const { createS3Store } = await import('./s3-store.ts')
  return createS3Store(options)
}

/** The other place is looked at as long as it is there: what was stored before S3 came, or what is moved back. */
function watchedStore(name: StoreName, { home, folder, s3 }: StorePlaces, watch: WatchStore): BlobStore {
  if (s3 === null) return watch(folder)
  return watch(createLayeredStore(name, home === 's3' ? [s3, folder] : [folder, s3]))
}
