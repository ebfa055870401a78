import {
  leaveOutLikes,
  nowhere,
  type PostFeaturesStore,
  type ReasonLanguage,
  ReasonMember,
  reasonOf,
  type Taste,
  usualAmong,
} from '#modules/ranking'
import type { FeedViewer } from '../feed-viewers.ts'
import type { Arranged } from './arranged.ts'
import { noneLoaded } from './fill-desk.ts'
import type { KeptScores } from './kept-scores.ts'
import { ShownPost, type ShownRow } from './shown-post.ts'

/** Where the rows that are shown lie, on a desk or among scores that were kept; `nowhere`: nothing is known of it. */
export type Drawn = { readonly places: readonly number[] } & (
  | { readonly arranged: Pick<Arranged, 'desk' | 'loaded' | 'taste'> }
  | { readonly kept: KeptScores }
)

/** Of each row that is shown; undefined: nothing is known of it. */
export type Reasons = (ReasonMember | undefined)[]

/** By what the viewer is told. */
export interface Telling {
  taste: Taste
  language: ReasonLanguage
  now: number
}

/** Why each stands where it does, from the scores by which it was put there. */
export function explainShown(
  features: PostFeaturesStore,
  viewer: FeedViewer,
  shown: readonly ShownRow[],
  drawn: Drawn,
  { taste, language, now }: Telling,
): Reasons {
  const { places } = drawn
  const isKept = 'kept' in drawn
  const scores = isKept ? drawn.kept.scores : drawn.arranged.desk.scores
  const kinds = isKept ? drawn.kept.kinds : drawn.arranged.desk.columns.kind
  const known = places.includes(nowhere) ? places.filter((place) => place !== nowhere) : places
  const post = new ShownPost(viewer, features, isKept ? noneLoaded : drawn.arranged.loaded)
  for (let at = 0; at < shown.length; at++) {
    const place = places[at]!
    if (place === nowhere || !shown[at]!.card.likesHidden) continue
    post.turnTo(shown[at]!, kinds[place]!)
    leaveOutLikes(scores, place, post.qualityWithoutLikes(), isKept ? drawn.kept : drawn.arranged.taste)
  }
  const given = { taste, now, language, usual: usualAmong(scores, known) }
  return shown.map((each, at) => {
    const place = places[at]!
    if (place === nowhere) return undefined
    post.turnTo(each, kinds[place]!)
    return new ReasonMember(scores, place, reasonOf(scores, place, post, given))
  })
}
