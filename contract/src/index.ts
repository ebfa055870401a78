import { accountsEndpoints } from './accounts.ts'
import { feedEndpoints } from './feed.ts'
import { graphEndpoints } from './graph.ts'
import { mediaEndpoints } from './media.ts'
import { postsEndpoints } from './posts.ts'

/** The whole HTTP API as data: routes, the API document and the web client are typed by it. */
export const endpoints = {
  ...accountsEndpoints,
  ...graphEndpoints,
  ...mediaEndpoints,
  ...postsEndpoints,
  ...feedEndpoints,
}
export type AllEndpoints = typeof endpoints
