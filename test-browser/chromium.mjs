import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Ours rather than the package's own list, which is made for scraping in a cloud function: that one switches web security
 * off and runs everything in a single process.
 */
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none']

const DEBIANS = '/usr/bin/chromium'

/**
 * The browser for tests: CHROMIUM_PATH, or the one npm brought. For playwright-core's `chromium.launch(…)`.
 *
 * @returns {Promise<{ executablePath: string, args: string[] }>}
 */
export async function findChromium() {
  const own = process.env.CHROMIUM_PATH
  if (!own) return { executablePath: await unpack(), args: ARGS }
  if (!existsSync(own)) throw new Error(`CHROMIUM_PATH names no file: ${own}`)
  return { executablePath: own, args: ARGS }
}

/** A whole browser, where there is one: the one that npm brings shows no notifications. */
export function findFullChromium() {
  return process.env.CHROMIUM_PATH ?? (existsSync(DEBIANS) ? DEBIANS : undefined)
}

/** Into the checkout rather than the machine's temporary folder, where another account's copy may be in the way. */
async function unpack() {
  const before = process.env.TMPDIR
  const folder = fileURLToPath(new URL('../.cache/chromium', import.meta.url))
  mkdirSync(folder, { recursive: true })
  process.env.TMPDIR = folder
  // Read as the package is loaded: it then unpacks the system libraries that a bare machine lacks.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    chromium.setGraphicsMode = false
    const executable = await chromium.executablePath()
    pointToFonts(folder)
    return executable
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

/**
 * The font settings that come along name fixed folders of a cloud function; without a font the browser ends at the first
 * character.
 *
 * @param {string} folder
 */
function pointToFonts(folder) {
  const settings = path.join(folder, 'font-settings')
  mkdirSync(settings, { recursive: true })
  writeFileSync(
    path.join(settings, 'fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`,
  )
  process.env.FONTCONFIG_PATH = settings
}
