import { ChevronLeft, ChevronRight, Plus, X } from 'lucide-preact'
import { useRef, useState } from 'preact/hooks'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { announce } from '../../ui/toast.tsx'
import { DraftPicture, nameOf } from './draft-picture.tsx'
import type { DraftPhoto } from './drafts.ts'
import { s } from './share-words.ts'

interface PhotoTilesProps {
  photos: readonly DraftPhoto[]
  onChange: (photos: DraftPhoto[]) => void
  /** Absent when the post is full. */
  onAdd?: (() => void) | undefined
}

/** What was picked, in the order of the post; dragged with a pointer, moved with buttons. */
export function PhotoTiles({ photos, onChange, onAdd }: PhotoTilesProps) {
  const list = useRef<HTMLOListElement>(null)
  const [dragged, setDragged] = useState<string | null>(null)

  function move(from: number, to: number): void {
    if (to < 0 || to >= photos.length || from === to) return
    const next = [...photos]
    next.splice(to, 0, ...next.splice(from, 1))
    onChange(next)
    announce(s('tile.moved', { at: to + 1, count: photos.length }))
  }

  function drag(event: PointerEvent, id: string): void {
    if (dragged !== id || !list.current) return
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-photo]')
    const to = photos.findIndex((photo) => photo.id === over?.dataset.photo)
    const from = photos.findIndex((photo) => photo.id === id)
    if (to >= 0) move(from, to)
  }

  return (
    <ol class="picks" ref={list}>
      {photos.map((photo, at) => (
        <li
          key={photo.id}
          data-photo={photo.id}
          class={dragged === photo.id ? 'pick pick-dragged' : 'pick'}
          onPointerDown={(event) => {
            if ((event.target as Element).closest('button')) return
            event.currentTarget.setPointerCapture(event.pointerId)
            setDragged(photo.id)
          }}
          onPointerMove={(event) => drag(event, photo.id)}
          onPointerUp={() => setDragged(null)}
          onPointerCancel={() => setDragged(null)}
        >
          <DraftPicture photo={photo} label={nameOf(photo, at, photos.length)} />
          <span class="pick-number" aria-hidden="true">
            {at + 1}
          </span>
          <IconButton
            class="pick-remove"
            icon={X}
            size={18}
            label={`${s('tile.remove')}: ${nameOf(photo, at, photos.length)}`}
            onClick={() => onChange(photos.filter(({ id }) => id !== photo.id))}
          />
          {photos.length > 1 ? (
            <span class="pick-moves">
              <IconButton
                icon={ChevronLeft}
                size={18}
                label={`${s('tile.earlier')}: ${nameOf(photo, at, photos.length)}`}
                disabled={at === 0}
                onClick={() => move(at, at - 1)}
              />
              <IconButton
                icon={ChevronRight}
                size={18}
                label={`${s('tile.later')}: ${nameOf(photo, at, photos.length)}`}
                disabled={at === photos.length - 1}
                onClick={() => move(at, at + 1)}
              />
            </span>
          ) : null}
        </li>
      ))}
      {onAdd ? (
        <li class="pick pick-add">
          <button type="button" onClick={onAdd}>
            <Icon of={Plus} size={26} />
            <span>{s('pick.more')}</span>
          </button>
        </li>
      ) : null}
    </ol>
  )
}
