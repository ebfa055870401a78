/** Only pages of our own: a link to sign in must not lead to another site, nor to one that a browser makes of it. */
export function safeNext(query: string): string {
  const next = new URLSearchParams(query).get('next') ?? '/'
  if (!next.startsWith('/')) return '/'
  try {
    // As browsers read it: they drop tabs and line breaks, and take \ for /.
    const { origin, pathname, search, hash } = new URL(next, here)
    return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/'
  } catch {
    return '/'
  }
}

const here = 'https://here.invalid'
