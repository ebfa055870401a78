/** What is known of one thing that posts have. */
export interface KnownFeature {
  /** From `featureKey`; never 0. */
  readonly key: number
  /** Logarithm of how much more (or less) often than usual a post with it is answered. */
  readonly lift: number
  /** How much, and how much more than others, posts with it were liked. */
  readonly liked: number
}

/**
 * What is known of hashtags, words and places by their keys: open addressing from `key & (keys.length - 1)`, which whoever
 * reads thousands of keys for one feed goes through by itself. At most half of the places are taken.
 */
export interface KnownFeatures {
  /** 0: free. */
  readonly keys: Uint16Array
  /** Of each place its lift and how much it was liked, side by side. */
  readonly figures: Float32Array
}

/** Of two with the same key the figures are added. */
export function createKnownFeatures(features: readonly KnownFeature[] = []): KnownFeatures {
  const places = 2 ** Math.ceil(Math.log2(1 + 2 * features.length))
  const known = { keys: new Uint16Array(places), figures: new Float32Array(2 * places) }
  for (const { key, lift, liked } of features) {
    const place = locate(known, key)
    known.keys[place] = key
    known.figures[2 * place]! += lift
    known.figures[2 * place + 1]! += liked
  }
  return known
}

/** How much posts with it were liked; 0 where nothing is known. */
export function likedOf(known: KnownFeatures, key: number): number {
  return known.figures[2 * locate(known, key) + 1]!
}

function locate({ keys }: Pick<KnownFeatures, 'keys'>, key: number): number {
  const mask = keys.length - 1
  let place = key & mask
  while (keys[place] !== 0 && keys[place] !== key) place = (place + 1) & mask
  return place
}
