import type { Role } from '@heliograph/contract/accounts'
import type { FastifyRequest } from 'fastify'
import type { Id } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'

/** Who asks. */
export interface Viewer {
  id: Id
  sessionId: Id
  /** Those that count: see `rolesRest`. */
  roles: readonly Role[]
  /** Has a role that counts for nothing until there is a second factor. */
  rolesRest?: true
  /** Showed a short while ago, in this session, who they are. */
  hasProof: boolean
}

/** Null when nobody, or nobody that is known, is signed in. */
export type Authenticator = (request: FastifyRequest) => Soon<Viewer | null>
