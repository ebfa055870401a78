import type { ExportAddresses as Addresses, Export, OwnExport } from '@heliograph/contract/exports'
import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { BlobStore, ByteRange, OpenBlob } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ExportAddresses } from './exports-addresses.ts'
import { isOver, mayAskAt } from './exports-policy.ts'
import { findExport, insertExport, listExports, lockExport, updateExport } from './exports-repository.ts'
import type { ExportRow } from './exports-tables.ts'
import { partName, presentExport } from './exports-view.ts'

type Person = { readonly id: Id }

/** What a person does about a copy of what is theirs. */
export interface Exports {
  of(person: Person): Promise<OwnExport>
  /** Throws export.waiting, export.too_soon. */
  ask(person: Person, once: Once): Promise<Export>
  one(person: Person, id: Id): Promise<Export>
  /** Its files go soon after. */
  end(person: Person, id: Id): Promise<void>
  addresses(person: Person, id: Id): Promise<Addresses>
  /** Throws export.not_found, also where the address is not good any more. */
  part(
    person: Person,
    id: Id,
    wanted: { number: number; until: number; signature: string },
  ): Promise<{ name: string; bytes: number; open(range?: ByteRange): Promise<OpenBlob> }>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  store: BlobStore
  accounts: Pick<AccountsApi, 'findByIds' | 'lockAccounts'>
  media: Pick<MediaApi, 'quotas'>
  signing: ExportAddresses
}

/** Enough to find the last one that did not fail. */
const looked = 20

export function createExports(deps: Deps): Exports {
  const { database, ids, events, clock, store, accounts, media, signing } = deps

  const present = async (row: ExportRow) => presentExport(row, (await media.quotas.of(row.user_id)).usedBytes)

  /** Another's, and one whose time is over, are not there. */
  async function requireOwn(person: Person, id: Id): Promise<ExportRow> {
    const row = await findExport(database.main, id)
    if (row?.user_id !== person.id || isOver(row, clock.now())) throw fault('export.not_found')
    return row
  }

  async function requireReady(person: Person, id: Id): Promise<ExportRow> {
    const row = await requireOwn(person, id)
    if (row.state !== 'ready') throw fault('export.not_found')
    return row
  }

  async function usernameOf({ id }: Person): Promise<string> {
    return (await accounts.findByIds([id])).get(id)?.username ?? id
  }

  return {
    async of(person) {
      const newest = await listExports(database.main, person.id, looked)
      const last = newest.find((row) => !isOver(row, clock.now()))
      return {
        export: last ? await present(last) : null,
        mayAskAt: mayAskAt(newest, clock.now())?.toISOString() ?? null,
      }
    },

    async ask(person, once) {
      const bucket = bucketOf(person.id)
      const id = ids.next(bucket)
      const now = new Date(clock.now())
      await database.transaction(
        async (tx) => {
          // Two at once wait for each other here.
          const account = (await accounts.lockAccounts(tx, [person.id])).get(person.id)
          if (account?.state !== 'active') throw fault('auth.invalid')
          const newest = await listExports(tx, person.id, looked)
          if (newest.some(({ state }) => state === 'preparing')) throw fault('export.waiting')
          const from = mayAskAt(newest, now.getTime())
          if (from) throw fault('export.too_soon', { detail: `From ${from.toISOString()} on.` })
          await insertExport(tx, {
            ...{ bucket, id, user_id: person.id, state: 'preparing', place: null },
            ...{ parts: '[]', missing: '[]', written_bytes: 0, created_at: now, worked_at: now },
            ...{ finished_at: null, expires_at: null },
          })
          await events.emit(tx, 'exports.asked', { bucket, subjectId: person.id, data: { exportId: id } })
          await once.record(tx, id)
        },
        { by: person.id },
      )
      return await present(await requireOwn(person, id))
    },

    one: async (person, id) => await present(await requireOwn(person, id)),

    async end(person, id) {
      await requireOwn(person, id)
      await database.transaction(
        async (tx) => {
          const row = await lockExport(tx, id)
          if (!row || row.state === 'over') return
          const now = new Date(clock.now())
          // Whoever writes at it finds that nobody wants it any more; an hourly job takes the files. One that failed stays one:
          // it costs no wait.
          await updateExport(tx, id, {
            ...(row.state !== 'failed' && { state: 'over' }),
            expires_at: now,
          })
        },
        { by: person.id },
      )
    },

    async addresses(person, id) {
      const row = await requireReady(person, id)
      const username = await usernameOf(person)
      const { until, signature } = signing.sign(id)
      return {
        expiresAt: new Date(until * 1000).toISOString(),
        parts: row.parts.map(({ bytes }, at) => ({
          number: at + 1,
          name: partName(username, row, at + 1),
          bytes,
          url: `/api/me/exports/${id}/file?part=${at + 1}&until=${until}&signature=${signature}`,
        })),
      }
    },

    async part(person, id, { number, ...address }) {
      const row = await requireReady(person, id)
      const part = row.parts[number - 1]
      if (!part || !signing.isGood(id, address)) throw fault('export.not_found')
      return {
        name: partName(await usernameOf(person), row, number),
        bytes: part.bytes,
        async open(range) {
          const blob = await store.open(part.key, range)
          if (blob === null) throw fault('export.not_found')
          return blob
        },
      }
    },
  }
}
