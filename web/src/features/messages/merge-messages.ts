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
