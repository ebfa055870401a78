/** Text settings by name, as the operator gave them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The only place that reads the process's environment; everybody else is handed values. */
export function readEnvironment(): Environment {
  return process.env
}
