import type { JSONColumnType } from 'kysely'

type Json<T extends object> = JSONColumnType<T, string, string>

export interface InstanceTable {
  /** 0 in its only row. */
  bucket: number
  name: string
  description: string
  contact: string
  rules: Json<string[]>
  terms: string
  languages: Json<string[]>
  source_url: string | null
}

export interface AdminTables {
  instance: InstanceTable
}
