import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'

export interface WebPagesOptions {
  /** What the web app's build wrote. */
  folder: string
  /** Preview tags of a post for people and programs that are not signed in; null: none. */
  previewTags(postId: string): Promise<string | null>
}

/** Where the tags go: index.html carries this comment in its head. */
const previewMark = '<!--preview-->'

/** Plain names of files that the build wrote: nothing hidden, no maps, no way out of the folder. */
const filePath = /^(?:\/[\w-][\w.-]*)+\.(?!map$)\w+$/

/**
 * The web app: its files, and one page for every address that no route knows. Files are looked up when they are
 * asked for, so a new build is served without a restart.
 */
export async function serveWebPages(http: Http, { folder, previewTags }: WebPagesOptions): Promise<void> {
  await http.app.register(files, { root: folder, serve: false, cacheControl: false, suppressWarning: true })
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
  http.setPages(async (request, reply) => {
    const path = pathOf(request)
    if (path !== '/index.html' && filePath.test(path) && (await isFile(join(folder, path))))
      return sendFile(reply, path)
    // A page in the place of a script of the build before would only puzzle the browser.
    if (path.startsWith('/assets/')) throw fault('request.not_found')
    return sendPage(reply, '')
  })
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/'
}

/** A name with a hash in it never changes its content; everything else is asked for again. */
function sendFile(reply: FastifyReply, path: string): FastifyReply {
  const isHashed = path.startsWith('/assets/')
  return reply
    .header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .sendFile(path)
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  )
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
