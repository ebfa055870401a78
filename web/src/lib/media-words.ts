import type { PostMedia } from '@heliograph/contract/posts'
import { t } from './i18n.ts'

/** "3 photographs", "2 videos", or both together where they are mixed. */
export function mediaCount(media: readonly Pick<PostMedia, 'type'>[]): string {
  const count = media.length
  const videos = media.filter(({ type }) => type === 'video').length
  if (videos === 0) return t('post.photos', { count })
  return t(videos === count ? 'post.videos' : 'post.mixed', { count })
}
