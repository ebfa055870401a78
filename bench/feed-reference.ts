// The bare server of scenario "feed": the bytes that Heliograph answered, from memory, with as many headers.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Page {
  path: string
  token: string
  headers: Record<string, string>
  body: string
}

/** By viewer and address. */
const pages = new Map<string, { headers: Record<string, string>; body: Buffer }>()

const server = createServer((request, response) => {
  const page = pages.get(`${request.headers.authorization} ${request.url}`)
  if (!page) return void response.writeHead(404).end()
  response.writeHead(200, page.headers).end(page.body)
})

process.on('message', (message: { type: string; pages?: Page[] }) => {
  if (message.type === 'pages') {
    for (const { path, token, headers, body } of message.pages ?? [])
      pages.set(`Bearer ${token} ${path}`, { headers, body: Buffer.from(body) })
    process.send?.({ type: 'taken' })
  }
  if (message.type === 'stop') server.close(() => process.disconnect())
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
})
