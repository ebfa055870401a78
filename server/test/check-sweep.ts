import { routes } from './helpers/api-routes.ts'
import { namesNothing, thingOf } from './helpers/foreign-things.ts'

/** Every route that names something has something of somebody else's to be tried with (server/test/idor-sweep.test.ts). */
const missing = routes.flatMap((route) =>
  route.handles
    .filter(({ field }) => !(`${route.name} ${field}` in namesNothing))
    .flatMap((handle) => {
      try {
        thingOf(route, handle)
        return []
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)]
      }
    }),
)
const count = `${routes.length} routes, ${missing.length} that the sweep of foreign ids cannot try`
process.stdout.write([...missing, count, ''].join('\n'))
process.exitCode = missing.length > 0 ? 1 : 0
