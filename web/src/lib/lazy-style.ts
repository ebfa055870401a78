const coming = new Map<string, Promise<void>>()

/**
 * A style sheet that comes with its feature instead of before the first screen: `import sheet from './x.css?url'`, and
 * the feature's route awaits `loadStyle(sheet)` beside its code. Loaded once, it stays.
 */
export function loadStyle(address: string): Promise<void> {
  const found = coming.get(address)
  if (found) return found
  const loaded = new Promise<void>((resolve, reject) => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = address
    link.onload = () => resolve()
    link.onerror = () => {
      link.remove()
      coming.delete(address)
      reject(new Error('the style sheet did not load'))
    }
    // Behind the shared sheet, which stands at the end of the body: of two rules alike the feature's own holds.
    document.body.append(link)
  })
  coming.set(address, loaded)
  return loaded
}
