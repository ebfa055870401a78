import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import { isReservedUsername, isWellFormedUsername, normalizeUsername } from '@heliograph/contract/usernames'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'

export interface WebPagesOptions {
  /** What the web app's build wrote. */
  folder: string
  /** Preview tags of a post for people and programs that are not signed in; null: none. */
  previewTags(postId: string): Promise<string | null>
}

/** What the tags of a post take the place of: index.html says between these comments what every other page is about. */
const previewPlace = /<!--preview-->(?:[\s\S]*?<!--\/preview-->)?/

/** Plain names of files that the build wrote: nothing hidden, no maps, no way out of the folder. */
const filePath = /^(?:\/[\w-][\w.-]*)+\.(?!map$)\w+$/

/** No page has such an address, except that of a person whose name has a dot in it. */
const fileLike = /\/\.|\.[\w~-]+$/

/** Endings that programs ask for; no list is complete, and a person may bear one of them. */
const fileEnding =
  /\.(?:aspx?|bak|cfg|conf|css|csv|env|gif|git|gz|html?|ico|ini|jpe?g|js|json|jsp|log|map|mjs|mp4|pdf|php\d?|png|py|sh|sql|svg|swp|tar|ts|txt|webmanifest|webp|woff2?|xml|ya?ml|zip)$/

/**
 * The web app: its files, and one page for every address that no route knows. Files are looked up when they are
 * asked for, so a new build is served without a restart.
 */
export async function serveWebPages(http: Http, { folder, previewTags }: WebPagesOptions): Promise<void> {
  await http.app.register(files, {
    root: folder,
    serve: false,
    cacheControl: false,
    suppressWarning: true,
    // The build wrote small ones beside them (scripts/lib/compress-files.mjs).
    preCompressed: true,
  })
  const readPage = createPageReader(join(folder, 'index.html'))
  const sendPage = async (reply: FastifyReply, status: 200 | 404, preview: string | null = null) => {
    const page = await readPage()
    return reply
      .code(status)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(preview === null ? page : page.replace(previewPlace, () => preview))
  }

  http.addRoute('GET', '/p/:id', async (request, reply) => {
    // Each look costs the database some questions.
    await http.spend(request, 'read', null)
    const { id } = request.params as { id: string }
    const preview = await previewTags(id)
    // What a visitor may not see answers as what is not there; the page itself asks again for whoever is signed in.
    return sendPage(reply, preview === null ? 404 : 200, preview)
  })
  http.setPages(async (request, reply) => {
    const path = pathOf(request)
    if (path === '/index.html') return sendPage(reply, 200)
    if (filePath.test(path) && (await isFile(join(folder, path)))) return sendFile(reply, path)
    // A page in the place of a script of the build before would only puzzle the browser.
    if (path.startsWith('/assets/')) throw fault('request.not_found')
    if (!fileLike.test(path)) return sendPage(reply, 200)
    if (!mayBePerson(path)) throw fault('request.not_found')
    // To programs there is no such file; should somebody be called so, a browser shows their page all the same.
    return sendPage(reply, fileEnding.test(path.toLowerCase()) ? 404 : 200)
  })
}

/** Where names stand that may have dots: people's own pages, their Stories, and the pages of whoever looks after accounts. */
const nameIn = /^\/(?:admin\/accounts\/|stories\/)?([^/]+)$/

function mayBePerson(path: string): boolean {
  const name = normalizeUsername(nameIn.exec(path)?.[1] ?? '')
  return isWellFormedUsername(name) && !isReservedUsername(name)
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
