/** The ways of ordering the feed, as they stand beside each other. */
export const feedModes = ['ranked', 'chronological', 'favourites'] as const
