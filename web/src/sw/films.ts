import { accountOfShelves, findSaved, keep } from './saved.ts'
import { filmMax, hasEnded, partOf } from './saved-rules.ts'

/**
 * The film of a Story: from the shelf where it was kept, in the part that is asked for. Else as it comes, and kept when all of it
 * came: it is asked for once, and what is skipped is not loaded for the shelf.
 */
export async function filmFromShelf(request: Request, url: URL, event: ExtendableEvent): Promise<Response> {
  const account = await accountOfShelves()
  if (account === null || hasEnded(url.pathname, Date.now())) return await fetch(request)
  const saved = await findSaved('films', url)
  if (saved) return await cut(saved, request.headers.get('range'))
  const response = await fetch(request)
  if (!response.body || !isWholeFilm(response)) return response
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, to) {
      pieces.push(piece)
      to.enqueue(piece)
    },
  })
  const whole = response.body.pipeTo(writable).then(async () => {
    const film = new Blob(pieces, { type: 'video/mp4' })
    const headers = { 'content-type': film.type, 'content-length': String(film.size) }
    await keep('films', url, new Response(film, { headers }), account)
  })
  // The player let go of it, or there is no room: then it is not kept.
  event.waitUntil(whole.catch(() => undefined))
  const { status, headers } = response
  return new Response(readable, { status, headers })
}

/** Players ask for all of it as a part that begins at its first byte. */
function isWholeFilm({ status, headers }: Response): boolean {
  const size = Number(headers.get('content-length'))
  if (headers.get('content-type') !== 'video/mp4' || !(size > 0 && size <= filmMax)) return false
  return status === 200 || (status === 206 && headers.get('content-range') === `bytes 0-${size - 1}/${size}`)
}

async function cut(saved: Response, range: string | null): Promise<Response> {
  const film = await saved.blob()
  const part = partOf(range, film.size)
  if (part === undefined) return new Response(film, { headers: { 'accept-ranges': 'bytes' } })
  if (part === null)
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${film.size}` } })
  const body = film.slice(part.from, part.to + 1, film.type)
  return new Response(body, {
    status: 206,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': String(body.size),
      'content-range': `bytes ${part.from}-${part.to}/${film.size}`,
    },
  })
}
