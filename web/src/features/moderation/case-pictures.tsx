import { Eye, EyeOff } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Icon } from '../../ui/icon.tsx'
import { m } from './moderation-words.ts'

export interface CasePicture {
  id: string
  url: string | null
  altText?: string
}

/** Blurred until asked for: who looks at many of them should see no more than is needed. */
export function CasePictures({ pictures }: { pictures: readonly CasePicture[] }) {
  const [shown, setShown] = useState(false)
  return (
    <div class="case-pictures">
      <ul>
        {pictures.map(({ id, url, altText }) => (
          <li key={id}>
            {url ? (
              <img
                src={url}
                alt={shown ? altText || t('photo.unnamed') : m('pictures.blurred')}
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
