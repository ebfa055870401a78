import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccountsApi } from '#modules/accounts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ExportPlace } from './exports-tables.ts'
import type { WritePart, WrittenPart } from './exports-writing.ts'

export interface ExportedToFolder {
  files: string[]
  /** Names of files that the store has not. */
  missing: string[]
}

/**
 * For the command line: the same copy, written where the operator wants it, for somebody who cannot sign in. A file that is
 * there already is not touched: throws EEXIST. Nobody else on the machine may read what is written.
 */
export type ExportToFolder = (
  person: { id: Id; username: string },
  folder: string,
) => Promise<ExportedToFolder>

interface Deps {
  ids: IdSource
  partBytes: number
  accounts: Pick<AccountsApi, 'preferencesOf'>
  writePart: WritePart
}

export function createExportToFolder({ ids, partBytes, accounts, writePart }: Deps): ExportToFolder {
  return async ({ id, username }, folder) => {
    await mkdir(folder, { recursive: true })
    const { language = 'en', timeZone = 'UTC' } = (await accounts.preferencesOf([id])).get(id) ?? {}
    const wish = { id, before: ids.next(bucketOf(id)) }
    const { signal } = new AbortController()
    const exported: ExportedToFolder = { files: [], missing: [] }
    for (let from: ExportPlace | null = null; ; ) {
      const file = join(folder, `heliograph-${username}-${exported.files.length + 1}.zip`)
      // Made now, so that nobody else's is overwritten; what is not whole never has the name of what is.
      await (await open(file, 'wx', 0o600)).close()
      const path = `${file}.unfinished`
      await rm(path, { force: true })
      const missingBefore = exported.missing
      const part: WrittenPart = await writePart({
        ...{ wish, username, language, timeZone, from, missingBefore, path, signal },
        limitBytes: partBytes,
      }).catch(async (error: unknown) => {
        await Promise.all([rm(path, { force: true }), rm(file, { force: true })])
        throw error
      })
      await rename(path, file)
      exported.files.push(file)
      exported.missing.push(...part.missing)
      from = part.next
      if (from === null) return exported
    }
  }
}
