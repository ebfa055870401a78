/** Where a picture of somebody, or of a group, is cut to a square; it comes when one is chosen. */
export async function loadSquareCrop() {
  const [{ SquareCrop }, { shareWords }] = await Promise.all([
    import('./square-crop.tsx'),
    import('./share-words.ts'),
  ])
  await shareWords.load()
  return SquareCrop
}
