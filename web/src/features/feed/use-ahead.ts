import type { Id } from '@heliograph/contract/common'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Paginator } from '../../lib/paging.ts'
import { postSignal } from '../../lib/store.ts'
import { isCovered } from '../moderation/sensitive.tsx'
import { beginsAsFile } from '../video/begins-as-file.ts'
import { cardsOf } from './cards-of.ts'
import { type Ahead, fetchAhead, filmAhead, mayFetchAhead, picturesOf, type Wanted } from './fetch-ahead.ts'

const aheadMax = 5

interface Shown {
  ids: readonly Id[]
  drawn: number
  list: Paginator<Id>
}

/**
 * What the next five posts will show is fetched ahead, and the next page where there are fewer: only on a line that is
 * known to be quick, and never where data is saved. What is no longer next, because one went back or away, is called off.
 */
export function useAhead(feed: RefObject<HTMLElement | null>, { ids, drawn, list }: Shown): void {
  const last = useLastInView(feed, ids, drawn)
  const ahead = useRef<Ahead>(new Map())
  const mayFetch = mayFetchAhead.value && last > 0
  const status = list.status.value

  useEffect(() => {
    const mediaOf = (from: number, to: number) => mediaBetween(feed.current, ids, { from, to })
    if (mayFetch) fetchAhead(ahead.current, mediaOf(last + 1, last + aheadMax), mediaOf(last - 1, last))
    else fetchAhead(ahead.current, [])
  }, [feed, ids, drawn, mayFetch, last])
  useEffect(() => () => fetchAhead(ahead.current, []), [])

  useEffect(() => {
    if (mayFetch && status === 'idle' && last + aheadMax > ids.length) void list.more()
  }, [ids, list, mayFetch, status, last])
}

/** The position of the lowest post that is in sight; 0 while none is. */
function useLastInView(feed: RefObject<HTMLElement | null>, ids: readonly Id[], drawn: number): number {
  const [last, setLast] = useState(0)
  useEffect(() => {
    const inView = new Set<number>()
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inView.add(positionOf(target))
        else inView.delete(positionOf(target))
      }
      if (inView.size > 0) setLast(Math.max(...inView))
    })
    for (const card of postsOf(feed.current)) observer.observe(card)
    return () => observer.disconnect()
  }, [feed, ids, drawn])
  return last
}

/** Without what stands between posts. */
function postsOf(feed: HTMLElement | null): HTMLElement[] {
  return cardsOf(feed).filter((card) => card.hasAttribute('aria-posinset'))
}

function positionOf(card: Element): number {
  return Number(card.getAttribute('aria-posinset'))
}

/**
 * Of a carousel what is drawn, which is its first two. What is covered, or being prepared, has no picture and is left
 * alone.
 */
function mediaBetween(
  feed: HTMLElement | null,
  ids: readonly Id[],
  { from, to }: { from: number; to: number },
): Wanted[] {
  return postsOf(feed)
    .filter((card) => positionOf(card) >= from && positionOf(card) <= to)
    .flatMap((card) => [
      ...[...card.querySelectorAll<HTMLImageElement>('.photo img')].flatMap(picturesOf),
      ...filmOf(ids[positionOf(card) - 1]),
    ])
}

/** Where a post begins with a film that will play by itself. */
function filmOf(id: Id | undefined): Wanted[] {
  const post = id === undefined ? undefined : postSignal(id).peek()
  const [first] = post?.media ?? []
  if (!post || !first || isCovered(post)) return []
  const address = beginsAsFile(first)
  return address ? [filmAhead(address)] : []
}
