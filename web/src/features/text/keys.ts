/** What Safari calls the key that ends a composition, after which the event no longer says that it belongs to one. */
const processedKey = 229

/** The key belongs to an input method: Enter takes its suggestion then, and sends nothing. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === processedKey
}
