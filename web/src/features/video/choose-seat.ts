/** `auto`: plays when it is its turn, if videos may begin by themselves. The others are the person's own word. */
export type Wish = 'auto' | 'play' | 'pause'

/** How a video lies on the screen. */
export interface View {
  /** Part of it that can be seen, 0–1. */
  readonly share: number
  /** Pixels between its middle and the screen's. */
  readonly offMiddle: number
}

interface Bid<S> {
  seat: S
  wish: Wish
  view: View
}

const enough = 0.5

/** The one the person started, else the one that is most in view, else of those the one nearest the middle. */
export function chooseSeat<S>(bids: readonly Bid<S>[]): S | undefined {
  const [best] = bids
    .filter(({ wish, view }) => wish !== 'pause' && view.share >= enough)
    .sort(
      (a, b) =>
        Number(b.wish === 'play') - Number(a.wish === 'play') ||
        b.view.share - a.view.share ||
        a.view.offMiddle - b.view.offMiddle,
    )
  return best?.seat
}
