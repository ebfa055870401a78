import type { Overlay } from '@heliograph/contract/stories'
import { MapPin } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { placeholderOf } from '../../ui/placeholder.ts'
import { w } from './stories-words.ts'

interface Placed {
  x: number
  y: number
  scale: number
  rotation: number
}

/** Where an overlay stands: parts of the frame, and turned about its own middle. */
export function placing({ x, y, scale, rotation }: Placed): Record<string, string> {
  return {
    insetInlineStart: `${x * 100}%`,
    insetBlockStart: `${y * 100}%`,
    '--scale': String(scale),
    '--turn': `${rotation}deg`,
  }
}

/** What lies over the picture, as text and links: it can be read aloud, chosen and made larger. */
export function OverlayList({ overlays, onLeave }: { overlays: readonly Overlay[]; onLeave: () => void }) {
  if (overlays.length === 0) return null
  return (
    // The frame has the same sides in every language, as the picture has.
    <ul class="overlays" dir="ltr" aria-label={w('overlays')}>
      {overlays.map((overlay, at) => (
        // They never move while they are shown: their place is their identity.
        <li key={at} class="overlay" style={placing(overlay)}>
          <Shown overlay={overlay} onLeave={onLeave} />
        </li>
      ))}
    </ul>
  )
}

function Shown({ overlay, onLeave }: { overlay: Overlay; onLeave: () => void }) {
  switch (overlay.kind) {
    case 'text':
      return <OverlayText {...overlay} />
    case 'mention':
      return (
        <Chip {...(overlay.userId ? { href: `/${overlay.username}`, onLeave } : {})}>
          @{overlay.username}
        </Chip>
      )
    case 'hashtag':
      return (
        <Chip href={`/tags/${encodeURIComponent(overlay.tag)}`} onLeave={onLeave}>
          #{overlay.tag}
        </Chip>
      )
    case 'place':
      return <PlaceChip name={overlay.name} />
    case 'post':
      return <PostCardSmall overlay={overlay} onLeave={onLeave} />
  }
}

interface OverlayTextProps {
  text: string
  style: Extract<Overlay, { kind: 'text' }>['style']
  color: string
}

export function OverlayText({ text, style, color }: OverlayTextProps) {
  return (
    <span
      class={`overlay-text overlay-${style}`}
      dir="auto"
      style={{ '--color': color, '--against': against(color) }}
    >
      {text}
    </span>
  )
}

export function PlaceChip({ name }: { name: string }) {
  return (
    <Chip>
      <MapPin size="1em" aria-hidden="true" />
      <span class="unseen">{w('overlay.place')} </span>
      <bdi>{name}</bdi>
    </Chip>
  )
}

interface ChipProps {
  href?: string
  onLeave?: () => void
  children: ComponentChildren
}

export function Chip({ href, onLeave, children }: ChipProps) {
  if (!href) return <span class="overlay-chip">{children}</span>
  return (
    <a class="overlay-chip" href={href} onClick={onLeave}>
      {children}
    </a>
  )
}

function PostCardSmall({
  overlay: { postId, post },
  onLeave,
}: {
  overlay: Extract<Overlay, { kind: 'post' }>
  onLeave: () => void
}) {
  if (!post) return <span class="overlay-post overlay-post-gone">{w('overlay.post.gone')}</span>
  const { author } = post
  return (
    <a
      class="overlay-post"
      href={`/p/${postId}`}
      aria-label={w('overlay.post', { name: author.fullName || author.username })}
      onClick={onLeave}
    >
      <PostPicture media={post.media[0]} />
      <span class="overlay-post-name">{author.username}</span>
    </a>
  )
}

interface Pictured {
  mediumUrl: string | null
  thumbhash: string | null
  width: number
  height: number
}

/** A shared post in small: its first picture over its author's name. */
export function PostPicture({ media }: { media: Pictured | undefined }) {
  if (!media) return null
  const behind = placeholderOf(media.thumbhash)
  return (
    <span
      class="overlay-post-picture"
      style={{
        aspectRatio: `${media.width || 1} / ${media.height || 1}`,
        ...(behind ? { backgroundImage: behind } : {}),
      }}
    >
      {media.mediumUrl ? <img src={media.mediumUrl} alt="" decoding="async" draggable={false} /> : null}
    </span>
  )
}

/** Ink or paper, whichever is read more easily on a colour. */
export function against(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const light = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
  return light > 0.179 ? '#1c1a17' : '#ffffff'
}
