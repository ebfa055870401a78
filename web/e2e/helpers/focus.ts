import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'

/** At once, and not after a while: keys that are pressed meanwhile would go elsewhere. */
export async function assertFocused(locator: Locator, what: string): Promise<void> {
  const other = await locator.evaluate((element) => {
    const focused = document.activeElement
    return focused === element ? undefined : (focused?.outerHTML.slice(0, 300) ?? 'nothing')
  })
  assert.equal(other, undefined, `${what}: something else has the focus`)
}
