import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { Http } from '#platform/http/http.ts'

export interface WebPagesOptions {
  /** What the web app's build wrote. */
  folder: string
  /** Preview tags of a post for people and programs that are not signed in; null: none. */
  previewTags(postId: string): Promise<string | null>
}

/** Where the tags go: index.html carries this comment in its head. */
const previewMark = '<!--preview-->'

/**
 * The web app: its files, and one page for every address that no route knows. Files with a hash in their
 * name never change; everything else is asked for again.
 */
export async function serveWebPages(http: Http, { folder, previewTags }: WebPagesOptions): Promise<void> {
  const { app } = http
  await app.register(files, {
    root: folder,
    wildcard: false,
    index: false,
    globIgnore: ['**/*.map', '.vite/**', 'index.html', '.stamp*'],
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isHashed = path.includes('/assets/')
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const readPage = createPageReader(join(folder, 'index.html'))
  const sendPage = async (reply: FastifyReply, preview: string) =>
    reply
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send((await readPage()).replace(previewMark, () => preview))

  http.addRoute('GET', '/p/:id', async (request, reply) => {
    const { id } = request.params as { id: string }
    return sendPage(reply, (await previewTags(id)) ?? '')
  })
  http.setPages((_request, reply) => sendPage(reply, ''))
}

/** Reads the page again when a new build has replaced it. */
function createPageReader(file: string): () => Promise<string> {
  let page = ''
  let changed = 0
  return async () => {
    const { mtimeMs } = await stat(file)
    if (mtimeMs !== changed) {
      page = await readFile(file, 'utf8')
      changed = mtimeMs
    }
    return page
  }
}
