import { limits } from '@heliograph/contract/limits'

/** The file as WebVTT, read once so that it cannot change any more; undefined when it is something else. */
export async function readCaptions(file: Blob): Promise<Blob | undefined> {
  if (file.size === 0 || file.size > limits.captionsBytes) return undefined
  const bytes = await file.arrayBuffer()
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /^WEBVTT(?:[ \t\r\n]|$)/.test(text) ? new Blob([bytes], { type: 'text/vtt' }) : undefined
  } catch {
    return undefined
  }
}
