import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { createTestApp, type TestApp } from '../../../server/test/helpers/app.ts'
import { findChromium } from '../../../test-browser/chromium.mjs'
import { noteLastSeen } from './last-seen.ts'

export interface World {
  app: TestApp
  browser: Browser
  /** A phone of its own, with storage of its own: as long as the test lives. */
  openPhone(options?: PhoneOptions): Promise<Phone>
  [Symbol.asyncDispose](): Promise<void>
}

export interface PhoneOptions {
  /** Signed in with this person's token. */
  token?: string | undefined
  scheme?: 'light' | 'dark'
  size?: { width: number; height: number }
  /** Pixels of the screen to one of the page's. */
  density?: number
  /** Things move, as they do for most people. */
  inMotion?: boolean
  /** Where the server is reached, when not directly. */
  url?: string
  /** Another browser than the world's. */
  browser?: Browser
}

export interface Phone {
  page: Page
  context: BrowserContext
  /** What the page complained about in its console. */
  complaints: string[]
  [Symbol.asyncDispose](): Promise<void>
}

const phoneSize = { width: 390, height: 844 }
/** A shared machine of two cores may be busy with something else. */
const patienceMs = 30_000

/** One that hums, which every page is given that asks. */
const microphone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

/** The real server with its workers at work, and a browser. */
export async function openWorld({
  hasMicrophone = false,
  env = {} as Record<string, string>,
} = {}): Promise<World> {
  const app = await createTestApp({ env })
  await app.events.startRelay()
  await app.jobs.startRunners()
  const found = await findChromium()
  const args = hasMicrophone ? [...found.args, ...microphone] : found.args
  const browser = await chromium.launch({ ...found, args })
  return {
    app,
    browser,
    openPhone: (options = {}) => openPhone(app, options.browser ?? browser, options),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await app[Symbol.asyncDispose]()
    },
  }
}

async function openPhone(app: TestApp, browser: Browser, options: PhoneOptions): Promise<Phone> {
  const { token, scheme = 'light', size = phoneSize, density = 1, url = app.url } = options
  const context = await browser.newContext({
    baseURL: url,
    viewport: size,
    deviceScaleFactor: density,
    hasTouch: size.width < 600,
    isMobile: size.width < 600,
    locale: 'en-GB',
    colorScheme: scheme,
    reducedMotion: options.inMotion ? 'no-preference' : 'reduce',
  })
  context.setDefaultTimeout(patienceMs)
  if (token) await context.addCookies([{ ...sessionCookie, value: token, url }])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // Browsers log that nobody is signed in yet, whatever the page makes of it.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return {
    page,
    context,
    complaints,
    async [Symbol.asyncDispose]() {
      await noteLastSeen(page, complaints)
      await context.close()
    },
  }
}

const sessionCookie = { name: 'heliograph', httpOnly: true, sameSite: 'Lax' } as const
