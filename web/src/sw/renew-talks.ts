import type { Conversation, MessagesPage } from '@heliograph/contract/messages'
import {
  accountOfShelves,
  findSaved,
  forgetSaid,
  forgetSaved,
  keep,
  keepPartOfMessages,
  savedTalks,
} from './saved.ts'

/** So many answers are asked for after a break; of what else has changed nothing is kept. */
const renewedMax = 10
const partMax = 50

/** It changed and no page has it open: what is kept of it may have words that were taken back or deleted since. */
export async function renewTalk(conversationId: string): Promise<void> {
  const account = await accountOfShelves()
  if (account === null) return
  const whole = new URL(`/api/conversations/${conversationId}/messages`, self.location.origin)
  const saved = await findSaved('answers', whole)
  // Never opened on this device: its line in the list alone may have them.
  if (!saved) return await forgetSaid({ conversationId, sequences: 'newest' })
  const kept: MessagesPage = await saved.json()
  const address = new URL(`${whole}?after=${kept.version}&limit=${partMax}`)
  const response = await fetch(address).catch(() => undefined)
  if (response?.status === 404) return await forgetSaid({ conversationId })
  const part: MessagesPage | undefined = response?.ok ? await response.clone().json() : undefined
  if (!response || !part || part.hasMore) {
    await forgetSaved('answers', whole)
    return await forgetSaid({ conversationId, sequences: 'newest' })
  }
  // Deleted as a whole for oneself.
  if (part.emptyUpTo > kept.emptyUpTo) return await forgetSaid({ conversationId })
  await keepPartOfMessages(address, response, account)
  const changed = [...part.items.map(({ sequence }) => sequence), ...(part.cleared ?? [])]
  if (changed.length > 0) await forgetSaid({ conversationId, sequences: changed })
}

/** What happened meanwhile was told to nobody; `open` are those that a page brings up to date by itself. */
export async function renewTalks(open: readonly string[]): Promise<void> {
  const account = await accountOfShelves()
  if (account === null) return
  const saved = await savedTalks()
  const versions = new Map<string, number>()
  for (const url of saved.filter(({ pathname }) => pathname === '/api/conversations')) {
    const list: { items: Conversation[] } | undefined = url.searchParams.has('cursor')
      ? undefined
      : await (await renew(url, account))?.json()
    if (!list) await forgetSaved('answers', url)
    for (const { id, version } of list?.items ?? []) versions.set(id, version)
  }
  let renewed = 0
  for (const url of saved) {
    const [, id, messages] = /^\/api\/conversations\/(\d+)(\/messages)?$/.exec(url.pathname) ?? []
    if (id === undefined || open.includes(id)) continue
    const kept: Conversation | MessagesPage | undefined = await (await findSaved('answers', url))?.json()
    if (!kept || kept.version === versions.get(id)) continue
    // Pages further up are not asked for again: who scrolls there with a connection reads them anew.
    if (url.search || renewed++ >= renewedMax) await forgetSaved('answers', url)
    else await (messages ? renewTalk(id) : renew(url, account))
  }
}

/** Rejects without a connection. */
async function renew(url: URL, account: string): Promise<Response | undefined> {
  const response = await fetch(url)
  if (response.status === 200) await keep('answers', url, response.clone(), account)
  else await forgetSaved('answers', url)
  return response.ok ? response : undefined
}
