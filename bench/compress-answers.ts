// Loaded into a measured process with `--import`: compresses each answer for whom takes gzip, whatever server made it.
import { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

const { writeHead, end } = ServerResponse.prototype
const waiting = new WeakMap<ServerResponse, { status: number; headers: Record<string, string | number> }>()

ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: unknown[]) {
  const [status, headers] = args as [number, Record<string, string | number>]
  if (status !== 200 || this.req.headers['accept-encoding'] !== 'gzip')
    return Reflect.apply(writeHead, this, args) as ServerResponse
  waiting.set(this, { status, headers })
  return this
} as typeof writeHead

ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]) {
  const held = waiting.get(this)
  if (!held) return Reflect.apply(end, this, args) as ServerResponse
  waiting.delete(this)
  const body = gzipSync(args[0] as string | Buffer)
  const headers = { ...held.headers, 'content-encoding': 'gzip', 'content-length': body.length }
  Reflect.apply(writeHead, this, [held.status, headers])
  return Reflect.apply(end, this, [body]) as ServerResponse
} as typeof end
