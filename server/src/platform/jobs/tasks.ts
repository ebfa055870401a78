import type { JobContext, JobDefinition, JobPayload } from './job-types.ts'
import type { Lane } from './lanes.ts'

/** A definition whose payload type is forgotten: what was enqueued under a name is what its definition takes. */
export interface AnyTask {
  lane: Lane
  maxAttempts: number
  run(payload: JobPayload, context: JobContext): Promise<void>
  exhausted: ((payload: JobPayload, error: Error) => Promise<void>) | null
}

export type Definitions = Map<string, AnyTask>

export function toTask<P extends JobPayload>(definition: JobDefinition<P>): AnyTask {
  const { lane, maxAttempts, exhausted } = definition
  if (maxAttempts < 1) throw new RangeError('A job is tried at least once')
  return {
    lane,
    maxAttempts,
    run: (payload, context) => definition.run(payload as P, context),
    exhausted: exhausted ? (payload, error) => exhausted.call(definition, payload as P, error) : null,
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
