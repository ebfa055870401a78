/** Height of the controls, and the part of the picture's height that browsers give a line of captions. */
const controlsPixels = 76
const lineShare = 0.065

const placedByUs = new WeakSet<TextTrackCue>()

/** Lines of captions stand above the controls while these are in sight. Where the author placed a line, it stays. */
export function liftCaptions(track: TextTrack, video: HTMLVideoElement, isLifted: boolean): void {
  const lines = Math.ceil(controlsPixels / Math.max(1, video.clientHeight * lineShare))
  for (const cue of track.cues ?? []) {
    if (!(cue instanceof VTTCue) || (cue.line !== 'auto' && !placedByUs.has(cue))) continue
    placedByUs.add(cue)
    cue.line = isLifted ? -lines - 1 : 'auto'
  }
}
