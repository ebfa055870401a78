/** How much waits, in the corner of what leads there. Its link or button says it in words. */
export function Badge({ count }: { count: number }) {
  return (
    <span class="badge" aria-hidden="true">
      {count > 99 ? '99+' : count}
    </span>
  )
}
