import { readFileSync } from 'node:fs'
import type { Instance, InstanceText, SignUpMode } from '@heliograph/contract/admin'
import { cleanLine, cleanLines } from '@heliograph/contract/clean-text'
import type { Selectable } from 'kysely'
import type { Actor, RecordAct } from '#modules/audit'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import type { InstanceTable } from './admin-tables.ts'

/** What the settings of the server decide; admins cannot change it from the web. */
export interface Door {
  signUp: SignUpMode
  minimumAge: number
}

export interface InstanceService {
  present(): Promise<Instance>
  change(actor: Actor, text: InstanceText): Promise<void>
  /** Held until the transaction ends: who does what must not happen twice at once for the whole server waits here. */
  lock(tx: Tx): Promise<InstanceText>
}

interface Deps {
  database: Database
  record: RecordAct
  door: Door
}

const { version } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
) as { version: string }

/** What a server says of itself before anybody has written anything. */
const unwritten: InstanceText = {
  name: 'Heliograph',
  description: '',
  rules: [],
  contact: '',
  terms: '',
  languages: [],
  sourceUrl: null,
}

export function createInstance({ database, record, door }: Deps): InstanceService {
  return {
    lock,

    async present() {
      return { ...(await find(database.main)), ...door, version }
    },

    async change(actor, text) {
      const next = clean(text)
      await database.transaction(async (tx) => {
        const before = await lock(tx)
        const changed = (Object.keys(next) as (keyof InstanceText)[]).filter(
          (name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]),
        )
        if (changed.length === 0) return
        await tx.updateTable('instance').set(toRow(next)).where('bucket', '=', 0).execute()
        const parts = (from: InstanceText) => Object.fromEntries(changed.map((name) => [name, from[name]]))
        await record(tx, {
          actor,
          act: 'instance.changed',
          subject: null,
          before: parts(before),
          after: parts(next),
        })
      })
    },
  }
}

async function find(db: Db | Tx): Promise<InstanceText> {
  const row = await db.selectFrom('instance').selectAll().where('bucket', '=', 0).executeTakeFirst()
  return row ? toText(row) : unwritten
}

/** Made if it is missing, so that there is something to lock: two who write at once are written down one after the other. */
async function lock(tx: Tx): Promise<InstanceText> {
  await tx
    .insertInto('instance')
    .values({ bucket: 0, ...toRow(unwritten) })
    .onConflict((conflict) => conflict.column('bucket').doNothing())
    .execute()
  const row = await tx
    .selectFrom('instance')
    .selectAll()
    .where('bucket', '=', 0)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return toText(row)
}

function toText(row: Selectable<InstanceTable>): InstanceText {
  const { name, description, rules, contact, terms, languages } = row
  return { name, description, rules, contact, terms, languages, sourceUrl: row.source_url }
}

function toRow({ sourceUrl, rules, languages, ...texts }: InstanceText) {
  return {
    ...texts,
    rules: JSON.stringify(rules),
    languages: JSON.stringify(languages),
    source_url: sourceUrl,
  }
}

function clean(text: InstanceText): InstanceText {
  return {
    name: cleanLine(text.name),
    description: cleanLines(text.description),
    rules: text.rules.map(cleanLines),
    contact: cleanLine(text.contact),
    terms: cleanLines(text.terms),
    languages: [...new Set(text.languages)],
    sourceUrl: text.sourceUrl,
  }
}
