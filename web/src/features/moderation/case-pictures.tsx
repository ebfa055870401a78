import type { Post } from '@heliograph/contract/posts'
import { Eye, EyeOff } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Icon } from '../../ui/icon.tsx'
import { m } from './moderation-words.ts'

/** Blurred until asked for: who looks at many of them should see no more than is needed. */
export function CasePictures({ post }: { post: Post }) {
  const [shown, setShown] = useState(false)
  return (
    <div class="case-pictures">
      <ul>
        {post.media.map((medium) => (
          <li key={medium.id}>
            {medium.mediumUrl ? (
              <img
                src={medium.mediumUrl}
                alt={shown ? medium.altText || t('photo.unnamed') : m('pictures.blurred')}
                class={shown ? '' : 'case-blurred'}
                loading="lazy"
                decoding="async"
                draggable={false}
              />
            ) : null}
          </li>
        ))}
      </ul>
      <button type="button" class="case-show" aria-pressed={shown} onClick={() => setShown(!shown)}>
        <Icon of={shown ? EyeOff : Eye} size={20} />
        {m(shown ? 'pictures.hide' : 'pictures.show')}
      </button>
    </div>
  )
}
