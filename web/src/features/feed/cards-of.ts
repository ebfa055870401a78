/** What a feed consists of, in its order: posts, and between them what says that one is caught up. */
export function cardsOf(feed: HTMLElement | null): HTMLElement[] {
  return [...(feed?.querySelectorAll<HTMLElement>(':scope > article') ?? [])]
}
