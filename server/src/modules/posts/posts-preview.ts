import type { Post } from '@heliograph/contract/posts'
import { escapeHtml } from '#platform/http/escape-html.ts'
import { isId } from '#platform/ids/ids.ts'
import type { PostsGate } from './presenting/posts-gate.ts'
import type { PostsPresenter } from './presenting/posts-presenter.ts'

const descriptionLength = 200

/** Tags for the page of a permalink; null for whatever a visitor may not see, and for what is not there. */
export type PreviewTags = (postId: string) => Promise<string | null>

interface Deps {
  gate: PostsGate
  presenter: PostsPresenter
  publicUrl: string
}

export function createPostsPreview({ gate, presenter, publicUrl }: Deps): PreviewTags {
  return async (postId) => {
    if (!isId(postId)) return null
    const [post] = await presenter.present(null, await gate.findVisible(null, [postId]))
    return post ? renderPreviewTags(post, publicUrl) : null
  }
}

/** Pure: Open Graph, and what Twitter wants beside it. */
export function renderPreviewTags(post: Post, publicUrl: string): string {
  const { author, media } = post
  const [first] = media
  const title = author.fullName === '' ? `@${author.username}` : `${author.fullName} (@${author.username})`
  const address = new URL(`/p/${post.id}`, publicUrl).href
  // What is covered here is not shown uncovered elsewhere. JPEG, as not every reader of previews knows WebP.
  const picture = post.sensitive ? null : (first?.fallbackUrl ?? first?.largeUrl)
  const description = shorten(post.caption || first?.altText || `A post by ${title}`)
  const tags: [name: string, content: string][] = [
    ['description', description],
    ['og:type', 'article'],
    ['og:site_name', 'Heliograph'],
    ['og:title', title],
    ['og:description', description],
    ['og:url', address],
    ['twitter:card', picture ? 'summary_large_image' : 'summary'],
  ]
  if (first && picture) {
    tags.push(['og:image', new URL(picture, publicUrl).href])
    tags.push(['og:image:width', String(first.width)], ['og:image:height', String(first.height)])
    if (first.altText !== '') tags.push(['og:image:alt', first.altText])
  }
  if (first?.videoUrl && !post.sensitive) {
    tags.push(['og:video', new URL(first.videoUrl, publicUrl).href], ['og:video:type', 'video/mp4'])
    tags.push(['og:video:width', String(first.width)], ['og:video:height', String(first.height)])
  }
  const lines = tags.map(([name, content]) => metaTag(name, content))
  return [...lines, `<link rel="canonical" href="${escapeHtml(address)}">`].join('\n')
}

function metaTag(name: string, content: string): string {
  const key = name.startsWith('og:') ? 'property' : 'name'
  return `<meta ${key}="${name}" content="${escapeHtml(content)}">`
}

/** By code points, so that no letter is cut in half. */
function shorten(text: string): string {
  const oneLine = text.replaceAll(/\s+/gu, ' ').trim()
  const letters = [...oneLine]
  return letters.length <= descriptionLength
    ? oneLine
    : `${letters
        .slice(0, descriptionLength - 1)
        .join('')
        .trimEnd()}…`
}
