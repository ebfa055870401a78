import type { PostMedia } from '@heliograph/contract/posts'
import { autoplays } from './autoplay.ts'
import { chooseSource } from './source.ts'

/** The address of a film that will begin by itself, and as a file, where the line is quick and no data is saved. */
export function beginsAsFile(media: PostMedia): string | undefined {
  if (media.type !== 'video' || !autoplays.peek()) return undefined
  const source = chooseSource(media, { quick: true, saving: false })
  return source?.way === 'file' ? source.url : undefined
}
