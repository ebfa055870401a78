export interface VideoLook {
  /** Pixels, upright; 0 where this browser cannot decode it. */
  width: number
  height: number
  seconds: number | null
  frame: Blob | null
}

const patienceMs = 8000
const frameLongSide = 1080
const nothing: VideoLook = { width: 0, height: 0, seconds: null, frame: null }

/** Size, length and one picture of a video, as far as this browser can decode it. */
export async function lookAtVideo(source: Blob | string): Promise<VideoLook> {
  const url = typeof source === 'string' ? source : URL.createObjectURL(source)
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.preload = 'auto'
  video.src = url
  let look = nothing
  try {
    await once(video, 'loadedmetadata')
    const seconds = Number.isFinite(video.duration) ? video.duration : null
    look = { ...nothing, seconds }
    // The very first picture is often black.
    video.currentTime = Math.min(1, (seconds ?? 0) / 3)
    await once(video, 'seeked')
    const frame = await draw(video)
    if (frame) look = { width: video.videoWidth, height: video.videoHeight, seconds, frame }
    return look
  } catch {
    return look
  } finally {
    video.removeAttribute('src')
    video.load()
    if (url !== source) URL.revokeObjectURL(url)
  }
}

function once(video: HTMLVideoElement, event: 'loadedmetadata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing to see in time')), patienceMs)
    const end = (settle: () => void) => () => {
      clearTimeout(timer)
      settle()
    }
    video.addEventListener(event, end(resolve), { once: true })
    video.addEventListener(
      'error',
      end(() => reject(new Error('cannot be decoded'))),
      { once: true },
    )
  })
}

async function draw(video: HTMLVideoElement): Promise<Blob | null> {
  const { videoWidth: width, videoHeight: height } = video
  if (width === 0 || height === 0) return null
  const scale = Math.min(1, frameLongSide / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  return await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
}
