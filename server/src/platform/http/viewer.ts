import type { Role } from '@heliograph/contract/accounts'
import type { FastifyRequest } from 'fastify'
import type { Id } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'

/** Who asks. */
export interface Viewer {
  id: Id
  sessionId: Id
  roles: readonly Role[]
  /** Showed a short while ago, in this session, who they are. */
  hasProof: boolean
}

/** Null when nobody, or nobody that is known, is signed in. */
export type Authenticator = (request: FastifyRequest) => Soon<Viewer | null>
