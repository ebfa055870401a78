import type { Post } from '@heliograph/contract/posts'
import { signal } from '@preact/signals'
import { EyeOff } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { placeholderOf } from '../../ui/placeholder.ts'
import './sensitive.css'

/** Posts whose cover was lifted in this visit. */
const lifted = signal<ReadonlySet<string>>(new Set())
const alwaysKey = 'heliograph.sensitive'
/** Chosen on this device, for this device. */
export const showsSensitive = signal(recall())

export function setShowsSensitive(shows: boolean): void {
  showsSensitive.value = shows
  try {
    if (shows) localStorage.setItem(alwaysKey, 'show')
    else localStorage.removeItem(alwaysKey)
  } catch {}
}

/** Its pictures are not to be shown unasked; to its author they are. Reading it keeps a component up to date. */
export function isCovered(post: Pick<Post, 'id' | 'sensitive' | 'author'>): boolean {
  return (
    post.sensitive && post.author.id !== me.value?.id && !showsSensitive.value && !lifted.value.has(post.id)
  )
}

interface SensitiveCoverProps {
  post: Post
  ratio: number
}

/** In the place and shape of the pictures: nothing moves when they are asked for, and nothing is loaded before. */
export function SensitiveCover({ post, ratio }: SensitiveCoverProps) {
  return (
    <div class="sensitive" style={{ aspectRatio: String(ratio), ...blurOf(post) }}>
      <div class="sensitive-words">
        <Icon of={EyeOff} size={28} />
        <p class="sensitive-title">{t('sensitive.title')}</p>
        <p>{t('sensitive.text')}</p>
        <button
          type="button"
          onClick={() => {
            lifted.value = new Set([...lifted.value, post.id])
          }}
        >
          {t('sensitive.show')}
        </button>
      </div>
    </div>
  )
}

/** A square of the grid: its link leads to where it can be shown. */
export function SensitiveTile({ post }: { post: Post }) {
  return (
    <span class="sensitive-tile" style={blurOf(post)}>
      <Icon of={EyeOff} size={24} />
    </span>
  )
}

function blurOf(post: Post): { backgroundImage: string } {
  return { backgroundImage: placeholderOf(post.media[0]?.thumbhash ?? null) ?? 'none' }
}

function recall(): boolean {
  try {
    return localStorage.getItem(alwaysKey) === 'show'
  } catch {
    return false
  }
}
