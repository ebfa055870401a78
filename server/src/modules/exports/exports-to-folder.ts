import { mkdir, rm } from 'node:fs/promises'
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

/** For the command line: the same copy, written where the operator wants it, for somebody who cannot sign in. */
export type ExportToFolder = (
  person: { id: Id; username: string },
  folder: string,
  signal: AbortSignal,
) => Promise<ExportedToFolder>

interface Deps {
  ids: IdSource
  partBytes: number
  accounts: Pick<AccountsApi, 'preferencesOf'>
  writePart: WritePart
}

export function createExportToFolder({ ids, partBytes, accounts, writePart }: Deps): ExportToFolder {
  return async ({ id, username }, folder, signal) => {
    await mkdir(folder, { recursive: true })
    const language = (await accounts.preferencesOf([id])).get(id)?.language ?? 'en'
    const wish = { id, before: ids.next(bucketOf(id)) }
    const exported: ExportedToFolder = { files: [], missing: [] }
    for (let from: ExportPlace | null = null; ; ) {
      const path = join(folder, `heliograph-${username}-${exported.files.length + 1}.zip`)
      const missingBefore = exported.missing
      // A part that is not whole is worth nothing; one that lay there before is not touched.
      const part: WrittenPart = await writePart({
        ...{ wish, username, language, from, missingBefore, path, signal },
        limitBytes: partBytes,
      }).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') await rm(path, { force: true })
        throw error
      })
      exported.files.push(path)
      exported.missing.push(...part.missing)
      from = part.next
      if (from === null) return exported
    }
  }
}
