import type { Page } from 'playwright-core'

export async function untilPlaying(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].some(
      (video) => !video.paused && video.currentTime > 0.2 && video.readyState >= 2,
    ),
  )
}

export async function untilStill(page: Page): Promise<void> {
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every(({ paused }) => paused))
}

export function videosOf(page: Page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('video')].map((video) => ({
      at: video.currentTime,
      paused: video.paused,
      muted: video.muted,
      width: video.videoWidth,
      source: video.currentSrc,
    })),
  )
}

export async function shownCaption(page: Page): Promise<string> {
  await page.waitForFunction(() => (document.querySelector('track')?.track.activeCues?.length ?? 0) > 0)
  return page.evaluate(() => {
    const cue = document.querySelector('track')?.track.activeCues?.[0]
    return cue instanceof VTTCue ? cue.text : ''
  })
}
