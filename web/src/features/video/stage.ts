import { computed, type Signal, signal } from '@preact/signals'
import { openSheets } from '../../ui/sheet.tsx'
import { autoplays } from './autoplay.ts'
import { chooseSeat, type View, type Wish } from './choose-seat.ts'

/** A video on the page that would play. */
export interface Seat {
  readonly wish: Signal<Wish>
  readonly view: Signal<View>
  box?: Element
}

const outOfView: View = { share: 0, offMiddle: Number.POSITIVE_INFINITY }
const seats = signal<readonly Seat[]>([])
const away = signal(document.visibilityState === 'hidden')
const fullScreen = signal<Element | null>(null)

/** The one seat that plays. Nothing plays behind a sheet or while the page is not looked at. */
export const playing = computed(() => {
  if (away.value || openSheets.value > 0) return undefined
  const screen = fullScreen.value
  const seen = screen ? seats.value.filter(({ box }) => box && screen.contains(box)) : seats.value
  return chooseSeat(seen.map((seat) => ({ seat, wish: wishOf(seat), view: seat.view.value })))
})

function wishOf({ wish }: Seat): Wish {
  return wish.value === 'auto' && !autoplays.value ? 'pause' : wish.value
}

export function takeSeat(): Seat {
  return { wish: signal<Wish>('auto'), view: signal(outOfView) }
}

/** From now on the seat is one of those that may play, as its box is scrolled in and out. */
export function sit(seat: Seat, box: Element): () => void {
  seat.box = box
  seats.value = [...seats.peek(), seat]
  const observer = new IntersectionObserver(
    (entries) => {
      const entry = entries.at(-1)
      if (entry) look(seat, entry)
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] },
  )
  observer.observe(box)
  return () => {
    observer.disconnect()
    seats.value = seats.peek().filter((one) => one !== seat)
  }
}

function look(seat: Seat, { intersectionRatio, boundingClientRect: box }: IntersectionObserverEntry): void {
  seat.view.value = {
    share: intersectionRatio,
    offMiddle: Math.abs(box.top + box.height / 2 - innerHeight / 2),
  }
  // Scrolled away and back, one that was started by hand waits for its turn like the others.
  if (intersectionRatio === 0 && seat.wish.peek() === 'play') seat.wish.value = 'auto'
}

/** The person started it: whatever else was started by hand goes back to its turn. */
export function askToPlay(seat: Seat): void {
  for (const other of seats.peek())
    if (other !== seat && other.wish.peek() === 'play') other.wish.value = 'auto'
  seat.wish.value = 'play'
}

document.addEventListener('visibilitychange', () => {
  away.value = document.visibilityState === 'hidden'
})
document.addEventListener('fullscreenchange', () => {
  fullScreen.value = document.fullscreenElement
})
