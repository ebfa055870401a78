import { useState } from 'preact/hooks'
import type { Ring } from '../lib/story-rings.ts'
import './avatar.css'

interface AvatarProps {
  user: { username: string; avatarUrl: string | null }
  size?: 24 | 32 | 40 | 44 | 56 | 64 | 88
  /** A larger rendition for large sizes. */
  src?: string | null
  /** The person has Stories to see. */
  ring?: Ring | undefined
}

/** The name always stands beside it, so the picture itself says nothing to a screen reader. */
export function Avatar({ user, size = 40, src = user.avatarUrl, ring }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null)
  const picture = (
    <span class={`avatar avatar-${size}`} aria-hidden="true">
      {src && src !== broken ? (
        <img src={src} alt="" width={size} height={size} decoding="async" onError={() => setBroken(src)} />
      ) : (
        initial(user.username)
      )}
    </span>
  )
  return ring ? <span class={`ring ring-${ring}`}>{picture}</span> : picture
}

function initial(username: string): string {
  return (username.match(/[a-z0-9]/i)?.[0] ?? '·').toUpperCase()
}
