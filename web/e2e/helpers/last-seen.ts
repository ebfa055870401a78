import type { Page } from 'playwright-core'

/** The screens that closed last in this process, printed when a test of it failed: what stood there tells most. */
const screens: string[] = []
const screensKept = 4
const charactersKept = 2000

/** Before the page is closed. */
export async function noteLastSeen(page: Page, complaints: readonly string[]): Promise<void> {
  if (screens.length === 0) process.once('exit', printIfFailed)
  const seen = await Promise.race([
    page.evaluate((most) => {
      const { outerHTML = '' } = document.activeElement ?? {}
      const focus = outerHTML.slice(0, 200).replaceAll('\n', ' ')
      return `focus: ${focus}\n${document.body.innerText.slice(0, most)}`
    }, charactersKept),
    // A page that is busy or gone holds nobody up.
    new Promise<string>((resolve) => setTimeout(() => resolve('(did not answer)'), 1000).unref()),
  ]).catch((error) => `(${error})`)
  screens.push([page.url(), ...complaints, seen].join('\n'))
  screens.splice(0, screens.length - screensKept)
}

function printIfFailed(code: number): void {
  if (code === 0 && !process.exitCode) return
  for (const screen of screens) process.stderr.write(`\nA screen as it was at the end: ${screen}\n`)
}
