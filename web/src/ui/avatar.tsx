import { useState } from 'preact/hooks'
import './avatar.css'

interface AvatarProps {
  user: { username: string; avatarUrl: string | null }
  size?: 24 | 32 | 40 | 44 | 56 | 88
  /** A larger rendition for large sizes. */
  src?: string | null
}

/** The name always stands beside it, so the picture itself says nothing to a screen reader. */
export function Avatar({ user, size = 40, src = user.avatarUrl }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null)
  return (
    <span class={`avatar avatar-${size}`} aria-hidden="true">
      {src && src !== broken ? (
        <img src={src} alt="" width={size} height={size} decoding="async" onError={() => setBroken(src)} />
      ) : (
        initial(user.username)
      )}
    </span>
  )
}

function initial(username: string): string {
  return (username.match(/[a-z0-9]/i)?.[0] ?? '·').toUpperCase()
}
