export type { GraphEvents, GraphTables } from './graph-tables.ts'
export type { GraphApi } from './graph-types.ts'
export { type AuthorFacts, canSee, loadSight, mutes, type Sight, type Thing } from './visibility.ts'
