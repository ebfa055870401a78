/** The accent as paint, once for all drawings: definitions inside something hidden would paint nothing. */
export function SunGradient() {
  return (
    <svg class="unseen" width="0" height="0" aria-hidden="true">
      <linearGradient id="sun-paint" x1="0" y1="0" x2="1" y2="1">
        <stop class="sun-paint-1" offset="0" />
        <stop class="sun-paint-2" offset="1" />
      </linearGradient>
      <linearGradient id="mark-paint" x1="12" y1="8" x2="52" y2="58" gradientUnits="userSpaceOnUse">
        <stop stop-color="#ffb53d" />
        <stop offset="1" stop-color="#f0563c" />
      </linearGradient>
      <mask id="mark-beams">
        <rect width="64" height="64" fill="#fff" />
        <path d="M2 50 62 18M2 62 62 30" stroke="#000" stroke-width="4.5" />
      </mask>
    </svg>
  )
}

/** The disc of the sun, crossed by two beams. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" viewBox="0 0 64 64" width={size} height={size} aria-hidden="true">
      <circle cx="32" cy="32" r="28" fill="url(#mark-paint)" mask="url(#mark-beams)" />
    </svg>
  )
}

export function Wordmark() {
  return (
    <span class="wordmark">
      <Mark />
      Heliograph
    </span>
  )
}
