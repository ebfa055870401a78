import type { Post } from '@heliograph/contract/posts'
import { Camera, GalleryVerticalEnd } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { PostPicture } from './overlay-view.tsx'
import { groundFor } from './post-ground.ts'
import { w } from './stories-words.ts'
import type { StoryDraft } from './story-drafts.ts'
import { usePicking } from './use-picking.tsx'

interface ChooseStoriesProps {
  /** Shared with a picture below it, or on a ground in its own colours. */
  post: Post | undefined
  onAdd: (drafts: readonly StoryDraft[]) => void
}

export function ChooseStories({ post, onAdd }: ChooseStoriesProps) {
  const picking = usePicking({ have: 0, onAdd })
  const [over, setOver] = useState(false)
  useEffect(() => {
    const paste = (event: ClipboardEvent) => picking.take([...(event.clipboardData?.files ?? [])])
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  })
  return (
    <section
      class={over ? 'story-choose over' : 'story-choose'}
      aria-label={w('choose')}
      aria-busy={picking.busy}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        picking.take([...(event.dataTransfer?.files ?? [])])
      }}
    >
      {picking.parts}
      {post ? (
        <span class="story-choose-post">
          <PostPicture media={post.media[0]} />
        </span>
      ) : (
        <Icon of={GalleryVerticalEnd} size={48} />
      )}
      <h2>{w(post ? 'choose.post' : 'choose.title')}</h2>
      <p class="quiet">{w(post ? 'choose.post.text' : 'choose.text')}</p>
      {post ? (
        <Button kind="primary" onClick={() => void groundFor(post).then((ground) => onAdd([ground]))}>
          {w('choose.ground')}
        </Button>
      ) : null}
      <Button kind={post ? 'plain' : 'primary'} busy={picking.busy} onClick={picking.choose}>
        {w('choose.button')}
      </Button>
      <Button kind="quiet" onClick={picking.photograph}>
        <Icon of={Camera} size={20} /> {w('choose.camera')}
      </Button>
    </section>
  )
}
