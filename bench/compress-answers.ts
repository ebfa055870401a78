// Loaded into a measured process with `--import`: compresses each answer for whom asks for it, whatever server made it.
import { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** By what is asked for. Brotli as servers use it on the way: with its own default (11) a page takes 36 ms. */
const codecs: Record<string, (body: string | Buffer) => Buffer> = {
  gzip: (body) => gzipSync(body),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
}

const { writeHead, end } = ServerResponse.prototype
const waiting = new WeakMap<ServerResponse, { status: number; headers: Record<string, string | number> }>()

ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: unknown[]) {
  const [status, headers] = args as [number, Record<string, string | number>]
  if (status !== 200 || !(String(this.req.headers['accept-encoding']) in codecs))
    return Reflect.apply(writeHead, this, args) as ServerResponse
  waiting.set(this, { status, headers })
  return this
} as typeof writeHead

ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]) {
  const held = waiting.get(this)
  if (!held) return Reflect.apply(end, this, args) as ServerResponse
  waiting.delete(this)
  const encoding = String(this.req.headers['accept-encoding'])
  const body = codecs[encoding]!(args[0] as string | Buffer)
  const headers = { ...held.headers, 'content-encoding': encoding, 'content-length': body.length }
  Reflect.apply(writeHead, this, [held.status, headers])
  return Reflect.apply(end, this, [body]) as ServerResponse
} as typeof end
