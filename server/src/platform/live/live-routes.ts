import { addressGroup } from '#platform/http/addresses.ts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import type { LiveHub } from './live.ts'
import { watchLive } from './live-metrics.ts'

/**
 * `/api/live`: the session's cookie or a bearer header opens it, never a token in the address, which logs keep.
 * The Origin was checked by the guards, as for every upgrade.
 */
export function mountLive(http: Http, hub: LiveHub): void {
  const isBounded = http.config.rateLimits !== 'off'
  watchLive(http.metrics, hub)
  http.app.route<{ Querystring: { after?: unknown } }>({
    method: 'GET',
    url: '/api/live',
    exposeHeadRoute: false,
    preValidation: async (request) => {
      const viewer = await http.viewerOf(request)
      await http.spend(request, 'read', viewer)
      if (viewer === null) throw fault('auth.required')
      if (isBounded && !hub.hasRoom(addressGroup(request.ip)))
        throw fault('rate.limited', { headers: { 'retry-after': '30' } })
    },
    handler: async () => {
      throw fault('request.invalid', { detail: 'This address speaks websocket.' })
    },
    wsHandler: async (socket, request) => {
      const viewer = await http.viewerOf(request)
      const { after } = request.query
      if (viewer === null) socket.close()
      else
        hub.accept(viewer, socket, {
          address: addressGroup(request.ip),
          // Whatever is no id of ours is one that is not known: such a client reads again.
          after: after === undefined ? undefined : String(after),
        })
    },
  })
  http.app.addHook('preClose', async () => hub.close())
}
