// Requests of a load: kept connections, so many in flight, each answer read whole.
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'

export type Encoding = 'gzip' | 'br'

export interface Ask {
  token: string
  path: string
  method?: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  /** Null: as it is. */
  encoding?: Encoding | null
}

/** As somebody who is not signed in. */
export interface Unnamed extends Omit<Ask, 'token'> {
  token: null
}

export interface Answered {
  status: number
  headers: Record<string, string>
  body: Buffer
  ms: number
}

export interface Load {
  ask(url: string, what: Ask | Unnamed): Promise<Answered>
  /** Asks in order, `inFlight` at once; throws for an answer that is not 2xx. */
  all(url: string, asks: readonly (Ask | Unnamed)[], inFlight: number): Promise<Answered[]>
  close(): void
}

export function createLoad(): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

  const ask: Load['ask'] = (url, { token, path, method = 'GET', body, encoding = null }) =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const sent = body === undefined ? null : JSON.stringify(body)
      const headers = {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        accept: 'application/json',
        ...(encoding === null ? {} : { 'accept-encoding': encoding }),
        ...(sent === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      }
      const asked = request(url + path, { agent, method, headers }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(pieces),
            ms: performance.now() - started,
          }),
        )
      })
      asked.on('error', reject)
      asked.end(sent)
    })

  return {
    ask,
    async all(url, asks, inFlight) {
      const answers = new Array<Answered>(asks.length)
      let next = 0
      const work = async () => {
        while (next < asks.length) {
          const at = next++
          const answer = await ask(url, asks[at]!)
          if (answer.status < 200 || answer.status > 299)
            throw new Error(
              `${asks[at]!.path} answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`,
            )
          answers[at] = answer
        }
      }
      await Promise.all(Array.from({ length: Math.min(inFlight, asks.length) }, work))
      return answers
    },
    close: () => agent.destroy(),
  }
}
