import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { CircleAlert, Copy, Hourglass, Play } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { dateLocale, t } from '../../lib/i18n.ts'
import { mediaCount } from '../../lib/media-words.ts'
import type { Paginator } from '../../lib/paging.ts'
import { localPhotos } from '../../lib/pending-shares.ts'
import { usePresent } from '../../lib/present.ts'
import { postSignal } from '../../lib/store.ts'
import { clockTime, fullTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { Photo } from '../../ui/photo.tsx'
import { isCovered, SensitiveTile } from '../moderation/sensitive.tsx'
import { rereadPost } from './posts-actions.ts'
import './grid.css'

interface PostGridProps {
  list: Paginator<Id>
  label: string
  empty: ComponentChildren
}

/** Posts as squares, three in a row. */
export function PostGrid({ list, label, empty }: PostGridProps) {
  useEffect(() => {
    if (list.status.value !== 'loading') void list.refresh()
  }, [list])
  const shown = usePresent(list.items, postSignal)
  if (!list.started.value) {
    if (list.status.value === 'error') {
      return <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
    }
    return (
      <div class="grid" role="status" aria-label={t('ui.loading')}>
        {Array.from({ length: 9 }, (_, at) => (
          <span class="tile skeleton" key={at} />
        ))}
      </div>
    )
  }
  if (shown.length === 0 && list.status.value === 'done') return <>{empty}</>
  return (
    <>
      <ul class="grid" aria-label={label}>
        {shown.map((id, index) => (
          <Tile key={id} id={id} eager={index < 9} />
        ))}
      </ul>
      <ListEnd list={list} />
    </>
  )
}

function Tile({ id, eager }: { id: Id; eager: boolean }) {
  const post = postSignal(id).value
  const media = post?.media[0]
  if (!post) return null
  // Of a removed post: its author still finds it, and why.
  if (!media) return <BareTile post={post} />
  const local = media.mediumUrl ? undefined : localPhotos.value.get(media.id)
  return (
    <li class="photo-cover">
      <a class="tile" data-photo={id} href={`/p/${id}`} aria-label={tileLabel(post)}>
        {isCovered(post) ? (
          <SensitiveTile post={post} />
        ) : local ? (
          <img class="tile-local" src={local.url} alt="" />
        ) : (
          <Photo
            media={media}
            sizes="(min-width: 935px) 310px, 33vw"
            small
            eager={eager}
            onRefused={async () => {
              const fresh = await rereadPost(id)
              return fresh !== undefined && fresh.media[0]?.mediumUrl !== media.mediumUrl
            }}
          />
        )}
        <TileMark post={post} />
      </a>
    </li>
  )
}

function BareTile({ post }: { post: Post }) {
  return (
    <li>
      <a class="tile" href={`/p/${post.id}`} aria-label={tileLabel(post)}>
        <TileMark post={post} />
      </a>
    </li>
  )
}

function tileLabel(post: Post): string {
  const date = fullTime(post.displayAt, dateLocale())
  const [first] = post.media
  const what =
    post.media.length > 1
      ? t('profile.tile.what', { date, what: mediaCount(post.media) })
      : first?.durationSeconds
        ? t('profile.tile.video', { date, length: clockTime(first.durationSeconds) })
        : t('profile.tile', { date })
  const state = stateWords(post)
  if (state) return `${what}: ${state}`
  if (isCovered(post)) return `${what}: ${t('profile.tile.sensitive')}`
  return first?.altText ? `${what}: ${first.altText}` : what
}

/** Of one's own that others do not see. */
function stateWords({ status }: Post): string | undefined {
  return status === 'ready' ? undefined : t(`profile.tile.${status}`)
}

function TileMark({ post }: { post: Post }) {
  const state = stateWords(post)
  if (state) return <StateMark post={post} words={state} />
  if (post.media.length > 1) return <Mark icon={Copy} />
  const [first] = post.media
  return first?.type === 'video' ? <VideoMark seconds={first.durationSeconds ?? 0} /> : null
}

/** The tile's name says it too. */
function VideoMark({ seconds }: { seconds: number }) {
  return (
    <span class="tile-mark tile-video" aria-hidden="true">
      {seconds > 0 ? clockTime(seconds) : null}
      <Icon of={Play} size={18} />
    </span>
  )
}

/** In words for the eye: its square may have no picture. The tile's name says it to ears. */
function StateMark({ post: { status }, words }: { post: Post; words: string }) {
  const waits = status === 'processing' || status === 'review'
  return (
    <span class="tile-state" aria-hidden="true">
      <Icon of={waits ? Hourglass : CircleAlert} size={16} />
      {words}
    </span>
  )
}

function Mark({ icon }: { icon: typeof Copy }) {
  return (
    <span class="tile-mark">
      <Icon of={icon} size={20} />
    </span>
  )
}
