/** Longer than it takes to scroll past. */
const shortestMs = 300
/** Who comes back to a post within this goes on looking at it. */
const awayMs = 4000

interface Look {
  /** Of the stretches that are over. */
  ms: number
  /** Null: out of sight. */
  since: number | null
  ending: ReturnType<typeof setTimeout> | undefined
}

/** For how long posts are looked at: what comes into sight again soon is one look, told once it is over. */
export interface PostLooks {
  begin(postId: string): void
  pause(postId: string): void
  endAll(): void
}

export function createPostLooks(
  tellLook: (postId: string, dwellMs: number) => void,
  now: () => number = () => performance.now(),
): PostLooks {
  const looks = new Map<string, Look>()

  function pause(postId: string): void {
    const look = looks.get(postId)
    if (!look || look.since === null) return
    look.ms += now() - look.since
    look.since = null
    look.ending = setTimeout(() => end(postId), awayMs)
  }

  function end(postId: string): void {
    pause(postId)
    const look = looks.get(postId)
    looks.delete(postId)
    clearTimeout(look?.ending)
    const dwellMs = Math.round(look?.ms ?? 0)
    if (dwellMs >= shortestMs) tellLook(postId, dwellMs)
  }

  return {
    begin(postId) {
      const look = looks.get(postId) ?? { ms: 0, since: null, ending: undefined }
      clearTimeout(look.ending)
      look.since ??= now()
      looks.set(postId, look)
    },
    pause,
    endAll: () => [...looks.keys()].forEach(end),
  }
}
