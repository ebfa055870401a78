/** Of a box of MP4: its length and its name, or what stands there when no box does. */
function boxAt(bytes: DataView, at: number): { length: number; name: string } | undefined {
  if (at + 8 > bytes.byteLength) return undefined
  const name = String.fromCharCode(...[4, 5, 6, 7].map((byte) => bytes.getUint8(at + byte)))
  const length = bytes.getUint32(at)
  // 0 goes on to the end, 1 is followed by a longer number: recorders write neither before their last piece.
  return length < 8 ? undefined : { length, name }
}

/**
 * What GNOME Web and its like record (GStreamer's mp4mux) has the index of its last piece twice, so that players look for its sound
 * where none is: the end is lost, and of a short recording all. The first of the two, which nothing belongs to, is left out.
 */
export async function mendRecording(recording: Blob): Promise<Blob> {
  if (!/^(?:audio|video)\/mp4/.test(recording.type)) return recording
  const bytes = new DataView(await recording.arrayBuffer())
  const kept: Blob[] = []
  let from = 0
  let at = 0
  for (let box = boxAt(bytes, at); box; box = boxAt(bytes, at)) {
    const end = at + box.length
    if (box.name === 'moof' && boxAt(bytes, end)?.name === 'moof') {
      kept.push(recording.slice(from, at))
      from = end
    }
    at = end
  }
  return from === 0 ? recording : new Blob([...kept, recording.slice(from)], { type: recording.type })
}
