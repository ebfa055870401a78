import './skeleton.css'

/** Holds the place of a line of text. */
export function SkeletonLine({ width }: { width: string }) {
  return <span class="skeleton skeleton-line" style={{ inlineSize: width }} />
}

export function SkeletonDisc({ size }: { size: number }) {
  return <span class="skeleton skeleton-disc" style={{ inlineSize: `${size}px`, blockSize: `${size}px` }} />
}

/** Rows of people while a list is on its way. */
export function SkeletonPeople({ rows = 6 }: { rows?: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div class="skeleton-person" key={row}>
          <SkeletonDisc size={44} />
          <div>
            <SkeletonLine width={`${7 + (row % 3)}rem`} />
            <SkeletonLine width={`${5 + (row % 2) * 2}rem`} />
          </div>
        </div>
      ))}
    </div>
  )
}
