/** Height of the controls, and the part of the picture's height that browsers give a line of captions. */
const controlsPixels = 76
const lineShare = 0.07

const lifted = new WeakSet<TextTrackCue>()

/** Captions stand above the controls while these are in sight. Where the author placed a line, it stays. */
export function liftCaptions(track: TextTrack, video: HTMLVideoElement, isLifted: boolean): void {
  const controlsShare = controlsPixels / Math.max(controlsPixels, video.clientHeight)
  for (const cue of track.cues ?? []) {
    if (!(cue instanceof VTTCue) || (cue.line !== 'auto' && !lifted.has(cue))) continue
    if (isLifted) {
      const lines = cue.text.split('\n').length
      lifted.add(cue)
      // By percentage from the top: Chromium does not move a line that is counted from below.
      cue.snapToLines = false
      cue.line = 100 * Math.max(0, 1 - controlsShare - lines * lineShare)
    } else if (lifted.delete(cue)) {
      cue.snapToLines = true
      cue.line = 'auto'
    }
  }
}
