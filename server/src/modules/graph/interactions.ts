import type { HiddenWords, WhoMay } from '@heliograph/contract/interactions'
import type { Interactions } from '#modules/accounts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { foldWords, hasHiddenWord } from './hidden-words.ts'
import {
  findChosenInteractions,
  findCommentRules,
  findHiddenWords,
  saveSettings,
} from './interactions-repository.ts'
import type { Pair } from './pair-rows.ts'
import { loadRelationships } from './relations.ts'

/** A comment goes out, waits for the post's owner, or may not be made. */
export type Admission = 'out' | 'waits' | 'refused'

export interface InteractionRules {
  /** Which of these people let somebody do this to them; whether they see each other at all is not asked here. */
  allowing(what: keyof Interactions, actorId: Id, ids: readonly Id[], db?: Db | Tx): Promise<Set<Id>>
  /**
   * What becomes of a comment (`from` owns the post, `to` writes). Asked in the transaction that makes it, so that whoever
   * has just restricted somebody does not find their next words let through.
   */
  admitComment(tx: Tx, pair: Pair, words: { text: string; isFoul(): boolean }): Promise<Admission>
}

export interface HiddenWordsService {
  find(id: Id): Promise<HiddenWords>
  /** Each once, as it was written first. */
  change(id: Id, chosen: HiddenWords): Promise<void>
}

export function createInteractionRules({ database }: { database: Database }): InteractionRules {
  return {
    async allowing(what, actorId, ids, db = database.main) {
      const wanted = [...new Set(ids)]
      if (wanted.length === 0) return new Set()
      const chosen = await findChosenInteractions(db, { buckets: wanted.map(bucketOf), ids: wanted })
      const choices = new Map(chosen.map((row) => [row.id, row[what]]))
      const asked = wanted.filter((id) => dependsOnFollows(choices.get(id)))
      const relationships = await loadRelationships(db, actorId, asked)
      const allows = (id: Id) => {
        const relationship = relationships.get(id)
        return mayAct(choices.get(id) ?? 'everyone', {
          isSelf: id === actorId,
          follows: relationship?.following === 'yes',
          isFollowed: relationship?.followedBy ?? false,
        })
      }
      return new Set(wanted.filter(allows))
    },

    async admitComment(tx, pair, { text, isFoul }) {
      if (pair.from === pair.to) return 'out'
      const rules = await findCommentRules(tx, pair)
      const standing = { isSelf: false, follows: rules.follows, isFollowed: rules.is_followed }
      if (!mayAct(rules.who, standing)) return 'refused'
      const waits =
        rules.is_restricted || hasHiddenWord(text, rules.hidden_words) || (rules.hides_foul_words && isFoul())
      return waits ? 'waits' : 'out'
    },
  }
}

export function createHiddenWords({ database }: { database: Database }): HiddenWordsService {
  return {
    find: (id) => findHiddenWords(database.main, id),
    change: (id, { words, useList }) =>
      database.transaction(
        (tx) => saveSettings(tx, id, { hidden_words: distinct(words), hides_foul_words: useList }),
        { by: id },
      ),
  }
}

interface Standing {
  isSelf: boolean
  /** The one who acts follows the other. */
  follows: boolean
  isFollowed: boolean
}

function mayAct(who: WhoMay, { isSelf, follows, isFollowed }: Standing): boolean {
  if (isSelf) return true
  if (who === 'everyone') return true
  if (who === 'followers') return follows
  return who === 'following' && isFollowed
}

function dependsOnFollows(who: WhoMay | undefined): boolean {
  return who === 'followers' || who === 'following'
}

function distinct(words: readonly string[]): string[] {
  const byFold = new Map<string, string>()
  for (const word of words) {
    const trimmed = word.trim()
    const fold = foldWords(trimmed)
    if (!byFold.has(fold)) byFold.set(fold, trimmed)
  }
  return [...byFold.values()]
}
