interface Numbered {
  readonly id: string
  /** Its place. */
  readonly sequence: number
  /** Of its last change. */
  readonly version: number
}

/** Each message once, in its place, as it is after its last change, in whatever order answers come. */
export function mergeMessages<T extends Numbered>(known: readonly T[], news: readonly T[]): readonly T[] {
  if (news.length === 0) return known
  const byId = new Map(known.map((message) => [message.id, message]))
  for (const message of news) {
    const before = byId.get(message.id)
    if (!before || before.version <= message.version) byId.set(message.id, message)
  }
  return [...byId.values()].sort((one, other) => one.sequence - other.sequence)
}

interface Answering {
  readonly sequence: number
  readonly replyTo: {
    readonly sequence: number
    readonly text: string
    readonly hasAttachments: boolean
  } | null
}

/** What a reader has deleted for themselves: up to a number, and single ones. */
export interface Deleted {
  readonly emptyUpTo: number
  readonly cleared?: Iterable<number> | undefined
}

/** Without what its reader deleted, which is not quoted beside an answer either. */
export function withoutDeleted<T extends Answering>(
  messages: readonly T[],
  { emptyUpTo, cleared = [] }: Deleted,
): readonly T[] {
  const single = new Set(cleared)
  const isDeleted = ({ sequence }: { sequence: number }) => sequence <= emptyUpTo || single.has(sequence)
  const isTouched = messages.some((one) => isDeleted(one) || (one.replyTo && isDeleted(one.replyTo)))
  if (!isTouched) return messages
  return messages
    .filter((one) => !isDeleted(one))
    .map((one) =>
      one.replyTo && isDeleted(one.replyTo)
        ? { ...one, replyTo: { ...one.replyTo, text: '', hasAttachments: false } }
        : one,
    )
}
