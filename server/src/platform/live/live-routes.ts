import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
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
  const answers = new WeakMap<FastifyRequest, ServerResponse>()
  const isBounded = http.config.rateLimits !== 'off'
  watchLive(http.metrics, hub)
  http.app.route<{ Querystring: { after?: unknown } }>({
    method: 'GET',
    url: '/api/live',
    exposeHeadRoute: false,
    preValidation: async (request, reply) => {
      answers.set(request, reply.raw)
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
      endRequest(socket, request.raw, answers.get(request))
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

/** The request is answered: its socket goes on for hours, and would keep everything that belonged to asking for it. */
function endRequest(socket: WebSocket, request: IncomingMessage, answer: ServerResponse | undefined): void {
  // Of whoever made the websocket, which holds the request; the hub listens by itself.
  socket.removeAllListeners('error')
  socket.on('error', () => undefined)
  if (!answer || answer.socket !== request.socket) return
  answer.detachSocket(request.socket)
  answer.statusCode = 101
  answer.emit('close')
}
