import {
  accountOfShelves,
  findSaved,
  forgetEndedStories,
  forgetSaved,
  keep,
  keepPartOfMessages,
} from './saved.ts'
import { hasEnded, isOfStory, shelfOf } from './saved-rules.ts'

/** Says to the page that an answer is an old one. */
const savedHeader = 'x-heliograph-saved'
/** A line that is there but carries nothing: longer than this nobody looks at an empty screen. */
const patienceMs = 8000
const awayStatuses = new Set([502, 503, 504])
const goneStatuses = new Set([403, 404, 410])

/** The server's word while there is one; what is saved only when none comes. */
export async function answerFirstFromServer(
  request: Request,
  url: URL,
  event: ExtendableEvent,
): Promise<Response> {
  const account = await accountOfShelves()
  if (account === null) return await fetch(request)
  const saved = findSaved('answers', url)
  if (url.pathname === '/api/stories') event.waitUntil(forgetEndedStories())
  try {
    const answer = fetch(request)
    const response = (await saved) ? await Promise.race([answer, lateAnswer()]) : await answer
    if (response.status === 200) event.waitUntil(keep('answers', url, response.clone(), account))
    if (goneStatuses.has(response.status)) event.waitUntil(forgetSaved('answers', url))
    return awayStatuses.has(response.status) ? (marked(await saved) ?? response) : response
  } catch (error) {
    const old = request.signal.aborted ? undefined : marked(await saved)
    if (old) return old
    throw error
  }
}

/** Nothing by itself; without a connection it is there with the messages before it. */
export async function partFromServer(request: Request, url: URL, event: ExtendableEvent): Promise<Response> {
  const account = await accountOfShelves()
  const response = await fetch(request)
  if (account !== null && response.status === 200)
    event.waitUntil(keepPartOfMessages(url, response.clone(), account))
  return response
}

/** A photograph never changes: once seen it is not asked for again. */
export async function photoFirstFromShelf(
  request: Request,
  url: URL,
  event: ExtendableEvent,
): Promise<Response> {
  const shelf = shelfOf(url.pathname) ?? 'photos'
  const account = await accountOfShelves()
  const isOver = isOfStory(shelf) && hasEnded(url.pathname, Date.now())
  const saved = account === null || isOver ? undefined : await findSaved(shelf, url)
  if (saved) return saved
  const response = await fetch(request)
  const isPicture = response.headers.get('content-type')?.startsWith('image/') === true
  if (account !== null && response.status === 200 && isPicture)
    event.waitUntil(keep(shelf, url, response.clone(), account))
  return response
}

function marked(saved: Response | undefined): Response | undefined {
  if (!saved) return undefined
  const headers = new Headers(saved.headers)
  headers.set(savedHeader, 'yes')
  return new Response(saved.body, { status: saved.status, headers })
}

function lateAnswer(): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in time')), patienceMs))
}
