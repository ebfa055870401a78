import type { Generated } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

export interface ProcessSlotsTable {
  /** Always 0: platform tables that do not grow live in one bucket. */
  bucket: number
  slot: number
  holder: string
  lease_until: Date
  /** No id of this slot is later than this. */
  high_water: Date
}

export interface EventsTable {
  bucket: number
  id: Id
  kind: string
  subject_id: Id
  /** Written as JSON text, read parsed. */
  data: unknown
  /** Whoever decides from memory must know it before its writer is answered. */
  takes_sight: Generated<boolean>
}

export interface RelayPositionsTable {
  bucket: number
  name: string
  position: Id
  holder: string
  lease_until: Date
}

/** A process that decides from memory who may see what; see platform/coherence. */
export interface ServingLeasesTable {
  bucket: number
  holder: string
  /** Raised by each renewal. */
  renewal: string
  /** The last renewal after which all events that take sight away were read and handled. */
  handled: string
  until: Date
}

export interface IdempotencyKeysTable {
  bucket: number
  account_id: Id
  route: string
  key: string
  request_hash: Buffer
  attempt: string
  state: 'running' | 'done'
  created_id: Id | null
  created_at: Date
}

export interface SchemaMigrationsTable {
  name: string
  checksum: string
  applied_at: Date
}

export interface StoreHomesTable {
  bucket: number
  store: string
  home: 'folder' | 's3'
  noted_at: Date
}

export interface LocksTable {
  bucket: number
  /** Of what is locked. */
  id: Id
  use: string
  holder: string
  lease_until: Date
  /** Somebody waits for it, and had no other way to say so. */
  asked: boolean
}

export interface ProcessesTable {
  bucket: number
  holder: string
  roles: string
  host: string
  is_shared: boolean
  started_at: Date
  lease_until: Date
}

export interface PlatformTables {
  processes: ProcessesTable
  locks: LocksTable
  store_homes: StoreHomesTable
  process_slots: ProcessSlotsTable
  events: EventsTable
  relay_positions: RelayPositionsTable
  serving_leases: ServingLeasesTable
  idempotency_keys: IdempotencyKeysTable
  schema_migrations: SchemaMigrationsTable
}
