import { loadStyle } from '../../lib/lazy-style.ts'
import composerSheet from './composer.css?url'
import overlaysSheet from './overlays.css?url'
import { storiesWords } from './stories-words.ts'
import traySheet from './tray.css?url'
import viewerSheet from './viewer.css?url'

/** What the viewer needs beside its code. */
export async function loadViewerParts(): Promise<void> {
  await Promise.all([storiesWords.load(), loadStyle(viewerSheet), loadStyle(overlaysSheet)])
}

/** What the tray on top of the feed needs beside its code. */
export async function loadTrayParts(): Promise<void> {
  await Promise.all([storiesWords.load(), loadStyle(traySheet)])
}

/** A row as the tray is one, and the viewer that opens from it. */
export async function loadHighlights(): Promise<void> {
  await Promise.all([loadTrayParts(), loadViewerParts()])
}

/** What the pages of Stories need beside theirs. */
export async function loadPages(): Promise<void> {
  await Promise.all([loadViewerParts(), loadStyle(composerSheet)])
}
