/** A post as JSON in one piece, up to its last `}`: as it is shown to whoever neither likes nor saved it. */
export interface CardBytes {
  readonly bytes: Buffer
  readonly likes: Room
  readonly comments: Room
  readonly shares: Room
  /** Where `false` stands. */
  readonly likedAt: number
  readonly savedAt: number
  /** Between them stand the newest comments. */
  readonly commentsAt: number
  readonly commentsEnd: number
  /** Of each comment: where the value of `canDelete` stands. */
  readonly canDeleteAt: readonly number[]
  /** Of each comment: its JSON up to there. */
  readonly commentJson: readonly Buffer[]
}

/** For a number that changes all the time: it is put right in place, with spaces before it. */
interface Room {
  readonly at: number
  readonly width: number
}

export interface CardParts {
  /** From `{` up to the value of `likeCount`. */
  head: string
  likes: number
  likesHidden: boolean
  comments: number
  shares: number
  /** Each up to the value of `canDelete`. */
  newestComments: readonly string[]
  canDelete: boolean
  /** From the end of the comments on. */
  tail: string
}

export function buildCardBytes(parts: CardParts): CardBytes {
  const pieces: Buffer[] = []
  let at = 0
  const add = (text: string): number => {
    const piece = Buffer.from(text)
    pieces.push(piece)
    at += piece.length
    return at - piece.length
  }
  const addRoom = (count: number): Room => {
    const text = String(count)
    const width = Math.max(4, text.length + 1)
    return { at: add(text.padStart(width)), width }
  }
  add(parts.head)
  const likes = addRoom(parts.likes)
  add(`,"likeCountHidden":${parts.likesHidden},"commentCount":`)
  const comments = addRoom(parts.comments)
  add(',"shareCount":')
  const shares = addRoom(parts.shares)
  add(',"liked":')
  const likedAt = add('false')
  add(',"saved":')
  const savedAt = add('false')
  add(',"newestComments":[')
  const commentsAt = at
  const places = parts.newestComments.map((json, nth) => {
    if (nth > 0) add(',')
    const from = add(json)
    const to = add(parts.canDelete ? 'true' : 'false')
    add('}')
    return { from, to }
  })
  const commentsEnd = add(parts.tail)
  const bytes = Buffer.concat(pieces)
  return {
    bytes,
    likes,
    comments,
    shares,
    likedAt,
    savedAt,
    commentsAt,
    commentsEnd,
    canDeleteAt: places.map(({ to }) => to),
    commentJson: places.map(({ from, to }) => bytes.subarray(from, to)),
  }
}

/** False: there is no room for it. */
export function putCount(bytes: Buffer, { at, width }: Room, count: number): boolean {
  const text = String(count)
  if (text.length > width) return false
  bytes.write(text.padStart(width), at, 'latin1')
  return true
}

/** In place of `false`: JSON may have spaces between its words. */
export function putTrue(bytes: Buffer, at: number): void {
  bytes.write('true ', at, 'latin1')
}
