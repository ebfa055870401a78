import assert from 'node:assert/strict'
import { request } from 'node:http'

// A small tus client that shows every answer, as the ready-made ones hide them behind retries.

export interface TusAnswer {
  status: number
  headers: Headers
  problem: { code: string; detail?: string } | undefined
  offset: number | undefined
}

export interface TusClient {
  create(size: number | string, options?: CreateOptions): Promise<TusAnswer & { id: string }>
  patch(id: string, offset: number, bytes: Uint8Array, headers?: Record<string, string>): Promise<TusAnswer>
  head(id: string): Promise<TusAnswer>
  /** Sends a part of an announced piece and loses the connection when `arrived` says so. */
  patchAndVanish(
    id: string,
    offset: number,
    bytes: Uint8Array,
    announced: number,
    arrived: () => Promise<void>,
  ): Promise<void>
  /** All of it, in pieces. */
  upload(bytes: Uint8Array, options?: CreateOptions & { piece?: number }): Promise<string>
}

interface CreateOptions {
  purpose?: string
  metadata?: string
  body?: Uint8Array
  headers?: Record<string, string>
}

export function createTusClient(base: string, token: string | undefined): TusClient {
  const common = { 'tus-resumable': '1.0.0', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const bytesType = { 'content-type': 'application/offset+octet-stream' }

  async function send(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: Uint8Array },
  ) {
    const headers = { ...common, ...init.headers }
    const body = init.body ? { body: init.body as Uint8Array<ArrayBuffer> } : {}
    return await readAnswer(await fetch(new URL(path, base), { method, headers, ...body }))
  }

  const client: TusClient = {
    async create(size, { purpose, metadata, body, headers } = {}) {
      const told = metadata ?? (purpose && `purpose ${Buffer.from(purpose).toString('base64')}`)
      const answer = await send('POST', '/api/uploads', {
        headers: {
          'upload-length': String(size),
          ...(told ? { 'upload-metadata': told } : {}),
          ...(body ? bytesType : {}),
          ...headers,
        },
        ...(body ? { body } : {}),
      })
      const location = answer.headers.get('location')
      return { ...answer, id: location?.split('/').at(-1) ?? '' }
    },
    patch: (id, offset, body, headers = {}) =>
      send('PATCH', `/api/uploads/${id}`, {
        headers: { ...bytesType, 'upload-offset': String(offset), ...headers },
        body,
      }),
    head: (id) => send('HEAD', `/api/uploads/${id}`, {}),
    patchAndVanish: (id, offset, bytes, announced, arrived) =>
      new Promise((resolve, reject) => {
        const headers = { ...common, ...bytesType, 'upload-offset': offset, 'content-length': announced }
        const call = request(new URL(`/api/uploads/${id}`, base), { method: 'PATCH', headers })
        call.on('error', () => resolve())
        call.on('response', () => reject(new Error('answered before all was sent')))
        call.write(bytes)
        arrived().then(() => call.destroy(), reject)
      }),
    async upload(bytes, { piece = 1024 * 1024, ...options } = {}) {
      const created = await client.create(bytes.length, options)
      assert.equal(created.status, 201, created.problem?.code)
      for (let at = 0; at < bytes.length; at += piece) {
        const answer = await client.patch(created.id, at, bytes.subarray(at, at + piece))
        assert.equal(answer.status, 204, answer.problem?.code)
      }
      return created.id
    },
  }
  return client
}

async function readAnswer(response: Response): Promise<TusAnswer> {
  const text = await response.text()
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  const offset = response.headers.get('upload-offset')
  return {
    status: response.status,
    headers: response.headers,
    problem: isProblem && text !== '' ? JSON.parse(text) : undefined,
    offset: offset === null ? undefined : Number(offset),
  }
}
