import { limits } from '@heliograph/contract/limits'
import { parseText, type TextSpan, valuesOf } from '@heliograph/contract/text'
import type { AccountsApi } from '#modules/accounts'
import { canSee, type GraphApi } from '#modules/graph'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoredEntity } from './posts-tables.ts'

/** Turns a text into what is linked in it. Names of nobody, of whom a block stands between and of who does not want it stay plain text. */
export interface PostsText {
  entitiesOf(writer: { id: Id }, text: string): Promise<StoredEntity[]>
}

export function createPostsText({ accounts, graph }: { accounts: AccountsApi; graph: GraphApi }): PostsText {
  async function mentionable(writer: { id: Id }, names: string[]): Promise<Map<string, Id>> {
    if (names.length === 0) return new Map()
    const found = await accounts.findByUsernames(names)
    const sight = await graph.loadSight(
      writer,
      [...found.values()].map((account) => account.id),
    )
    const allowing = await graph.allowing('mentions', writer.id, [...sight.authors.keys()])
    const ids = new Map<string, Id>()
    for (const [name, { id }] of found) {
      const isBlocked = sight.authors.get(id)?.blocking ?? true
      if (!isBlocked && allowing.has(id) && canSee(sight, { kind: 'profile', authorId: id }))
        ids.set(name, id)
    }
    return ids
  }

  return {
    async entitiesOf(writer, text) {
      const spans = parseText(text)
      const names = valuesOf(spans, 'mention').slice(0, limits.mentionsPerText)
      return linkSpans(spans, await mentionable(writer, names))
    },
  }
}

function linkSpans(spans: readonly TextSpan[], accounts: ReadonlyMap<string, Id>): StoredEntity[] {
  return spans.flatMap((span): StoredEntity[] => {
    if (span.kind === 'hashtag') return [{ ...span }]
    const userId = accounts.get(span.value)
    return userId === undefined ? [] : [{ ...span, userId }]
  })
}

/** Distinct hashtags of a caption; throws when there are more than a caption may have. */
export function captionTags(entities: readonly StoredEntity[]): string[] {
  const tags = tagsOf(entities)
  if (tags.length > limits.hashtagsPerCaption) throw fault('post.too_many_hashtags')
  return tags
}

export function tagsOf(entities: readonly StoredEntity[]): string[] {
  const tags = entities.filter((entity) => entity.kind === 'hashtag').map((entity) => entity.value)
  return [...new Set(tags)]
}

export function mentionsOf(entities: readonly StoredEntity[]): Id[] {
  return [...new Set(entities.flatMap((entity) => entity.userId ?? []))]
}
