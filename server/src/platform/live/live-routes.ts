import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import type { LiveHub } from './live.ts'

/**
 * `/api/live`: the session's cookie or a bearer header opens it, never a token in the address, which logs keep.
 * The Origin was checked by the guards, as for every upgrade.
 */
export function mountLive(http: Http, hub: LiveHub): void {
  http.metrics.watch('heliograph_live_sockets', 'Open live connections.', () => hub.sockets)
  http.app.route({
    method: 'GET',
    url: '/api/live',
    exposeHeadRoute: false,
    preValidation: async (request) => {
      const viewer = await http.viewerOf(request)
      await http.spend(request, 'read', viewer)
      if (viewer === null) throw fault('auth.required')
    },
    handler: async () => {
      throw fault('request.invalid', { detail: 'This address speaks websocket.' })
    },
    wsHandler: async (socket, request) => {
      const viewer = await http.viewerOf(request)
      if (viewer === null) socket.close()
      else hub.accept(viewer, socket)
    },
  })
  http.app.addHook('preClose', async () => hub.close())
}
