/** Steps per channel; as many as the server's. */
const steps = 16
const width = 256 / steps

/**
 * The colour that most of a picture has, as the server finds it (server/src/modules/media/child/main-color.ts): what
 * stands behind a picture before it is shared is what stands behind it afterwards.
 *
 * @param pixels red, green, blue and alpha of each
 */
export function mainColor(pixels: Uint8ClampedArray): string {
  const counts = new Uint32Array(steps ** 3)
  let most = 0
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const bins = [0, 1, 2].map((channel) => Math.floor((pixels[at + channel] ?? 0) / width))
    const bin = bins.reduce((sum, one) => sum * steps + one, 0)
    const count = (counts[bin] ?? 0) + 1
    counts[bin] = count
    if (count > (counts[most] ?? 0)) most = bin
  }
  const bins = [Math.floor(most / steps ** 2), Math.floor(most / steps) % steps, most % steps]
  return `#${bins.map((bin) => (bin * width + width / 2).toString(16).padStart(2, '0')).join('')}`
}
