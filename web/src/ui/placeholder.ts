import { thumbHashToDataURL } from 'thumbhash'

const made = new Map<string, string>()
const keptMax = 300

/** The blurred picture that stands for a photograph until it has come; a `data:` address for CSS. */
export function placeholderOf(thumbhash: string | null): string | undefined {
  if (!thumbhash) return undefined
  const known = made.get(thumbhash)
  if (known) return known
  try {
    const bytes = Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0))
    const url = `url(${thumbHashToDataURL(bytes)})`
    if (made.size >= keptMax) made.clear()
    made.set(thumbhash, url)
    return url
  } catch {
    return undefined
  }
}
