import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseRange } from '#platform/http/byte-range.ts'
import { createProgram } from '../../src/cli/program.ts'
import type { TestApp } from './app.ts'
import { freePort } from './free-ports.ts'
import { until } from './until.ts'

const scripting = '/usr/lib/nginx/modules/ngx_http_js_module.so'

export const hasNginx = spawnSync('nginx', ['-v']).status === 0 && existsSync(scripting)

export interface NginxEdge {
  /** Where people reach it. */
  url: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** An edge with the files that `heliograph edge config` writes, in a folder of its own; not started yet. */
export async function createEdge(
  app: TestApp,
  options: { folder: string; origin: string; internalUrl: string },
): Promise<NginxEdge> {
  const { folder, origin, internalUrl } = options
  const port = await freePort()
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const environment = { DATABASE_URL: app.config.database.url, HELIOGRAPH_DATA: app.dataFolder }
  const program = createProgram({ environment, write: () => undefined, withApp: (work) => work(app) })
  await program.parseAsync(
    [
      ...[
        'edge',
        'config',
        folder,
        '--files',
        folder,
        '--data',
        data,
        '--access-log',
        join(folder, 'access.log'),
      ],
      ...['--origin', new URL(origin).host, '--internal', internalUrl, '--listen', `127.0.0.1:${port}`],
    ],
    { from: 'user' },
  )
  await writeFile(join(folder, 'nginx.conf'), nginxConf(folder))
  let child: ChildProcess | undefined
  return {
    url: `http://127.0.0.1:${port}`,
    async start() {
      child = spawn(
        'nginx',
        ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-p', folder],
        {
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      )
      await until(() => fetch(`http://127.0.0.1:${port}/m/`).then(() => true))
    },
    async stop() {
      if (!child || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      child = undefined
    },
  }
}

function nginxConf(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  return `load_module ${scripting};
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events {}
http {
  types {}
  ${temporary.join('\n  ')}
  include ${folder}/heliograph.conf;
}
`
}

export interface Gate {
  url: string
  /** What came through: method, address, headers. */
  /** Answered by the gate itself, by key. */
  readonly films: Map<string, Buffer>
  readonly seen: { method: string; url: string; headers: Record<string, unknown> }[]
  close(): Promise<void>
  open(): Promise<void>
}

/** Between an edge and the app: sees what comes through, and can be shut. */
export async function createGate(app: TestApp): Promise<Gate> {
  const seen: Gate['seen'] = []
  const films: Gate['films'] = new Map()
  const server: Server = createServer(async (request, response) => {
    seen.push({ method: request.method!, url: request.url!, headers: request.headers })
    const film = films.get(request.url!.split('/').slice(6).join('/'))
    if (film) return answerFilm(film, request, response)
    const headers = Object.entries(request.headers).filter(
      ([name]) => name !== 'host' && name !== 'connection',
    )
    const answer = await fetch(app.url + request.url, {
      method: request.method!,
      headers: headers as [string, string][],
      redirect: 'manual',
    })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  return {
    url: `http://127.0.0.1:${port}`,
    films,
    seen,
    open: async () => void (await listen(port)),
    async close() {
      const ended = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await ended
    },
  }
}

function answerFilm(film: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const headers = { 'content-type': 'video/mp4', etag: '"film"', 'accept-ranges': 'bytes' }
  const range = parseRange(request.headers.range, film.length)
  if (range === 'whole') response.writeHead(200, { ...headers, 'content-length': film.length }).end(film)
  else if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${film.length}` }).end()
  } else {
    const { start, end } = range
    const part = {
      'content-range': `bytes ${start}-${end}/${film.length}`,
      'content-length': end - start + 1,
    }
    response.writeHead(206, { ...headers, ...part }).end(film.subarray(start, end + 1))
  }
}
