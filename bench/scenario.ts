// What a scenario is: measured work in, tables out. `run.ts` does the rest.

export interface Table {
  title: string
  columns: string[]
  rows: (string | number)[][]
}

export interface Target {
  text: string
  isMet: boolean
}

export interface Report {
  /** One or two sentences: what was compared with what. */
  summary: string
  tables: Table[]
  targets: Target[]
  /** Facts about this scenario's tools that belong beside the machine's: versions, data sizes. */
  facts?: Record<string, string>
}

export interface ScenarioContext {
  /** A small sample: seconds instead of minutes, figures not worth keeping. */
  isQuick: boolean
  /** Progress for the person who waits; not part of the report. */
  log(text: string): void
}

/** A scenario's file exports `run`. It cleans up after itself: processes, folders, databases. */
export type RunScenario = (context: ScenarioContext) => Promise<Report>
