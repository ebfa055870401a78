import { t } from '../../lib/i18n.ts'
import { SkeletonDisc, SkeletonLine } from '../../ui/skeleton.tsx'

/** The outline of posts that are on their way, of the size that most have. */
export function CardSkeleton({ cards }: { cards: number }) {
  return (
    <div role="status" aria-label={t('feed.loading')}>
      {Array.from({ length: cards }, (_, card) => (
        <div class="card" key={card} aria-hidden="true">
          <div class="card-head">
            <div class="card-author">
              <SkeletonDisc size={40} />
              <SkeletonLine width="8rem" />
            </div>
          </div>
          <div class="photo-box skeleton card-skeleton-photo" />
          <div class="card-words card-skeleton-words">
            <SkeletonLine width="6rem" />
            <SkeletonLine width="80%" />
          </div>
        </div>
      ))}
    </div>
  )
}
