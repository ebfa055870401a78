import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Themes differ in colours alone, so the second is asked only about those; the long run asks everything of both. */
const colourRules = ['color-contrast', 'link-in-text-block']
const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

/** Nothing that axe finds, in the light theme and in the dark one. */
export async function assertAccessible(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Half a megabyte of script, which the builder would load twice for every look at a page that has it.
    const isLoaded = await page.evaluate(() => 'axe' in window)
    // There are no frames of others, whose results a second page would have to put together.
    const axe = new AxeBuilder({ page, ...(isLoaded ? { axeSource: 'void 0' } : {}) }).setLegacyMode()
    // What passes is counted by nobody, so axe need not say where it is.
    axe.options({ resultTypes: ['violations'] })
    if (colorScheme === 'dark' && !isLong) axe.withRules(colourRules)
    const { violations } = await axe.analyze()
    const found = violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes.map(({ target, html }) => `${target} ${html}`).join('\n  ')}`,
    )
    assert.deepEqual(found, [], `${screen}, ${colorScheme}`)
  }
}
