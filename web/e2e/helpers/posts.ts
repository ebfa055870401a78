import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from '../../../server/test/helpers/factories.ts'
import { smallPhotograph } from './photographs.ts'

/** A post that others can see; the workers of the world prepare it. */
export async function publish(
  author: Person,
  { caption = '', altText = '', photographs = 1, which = 0 } = {},
): Promise<string> {
  const media = []
  for (let at = 0; at < photographs; at++) {
    const { buffer } = await smallPhotograph(which + at)
    media.push({ uploadId: await author.upload(buffer), ...(altText ? { altText } : {}) })
  }
  const { id } = await author.call('POST /api/posts', { body: { caption, media } })
  for (;;) {
    const { status } = await author.call('GET /api/posts/:id', { params: { id } })
    if (status === 'ready') return id
    if (status === 'failed') throw new Error('the post failed')
    await pause(50)
  }
}
