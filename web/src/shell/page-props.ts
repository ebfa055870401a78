import type { RouteParams } from '../lib/routes.ts'

/** What every page is given: the parts of its address that have a name. */
export interface PageProps {
  params: RouteParams
}
