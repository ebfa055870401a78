import type { PhotoExif } from '@heliograph/contract/photo-exif'
import type { Place } from '@heliograph/contract/posts'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { locale } from '../../lib/i18n.ts'
import type { DraftPhoto } from './drafts.ts'
import { readCapture } from './read-capture.ts'

/** What the cameras of the photographs wrote, in their order; undefined until it is read. */
export function useCaptures(photos: readonly DraftPhoto[]): PhotoExif[] | undefined {
  const [read, setRead] = useState<PhotoExif[] | undefined>(undefined)
  const ids = photos.map(({ id }) => id).join()
  useEffect(() => {
    let wanted = true
    const pictures = photos.filter(({ video }) => !video)
    void Promise.all(pictures.map(({ file }) => readCapture(file))).then((all) => {
      if (wanted) setRead(all)
    })
    return () => {
      wanted = false
    }
  }, [ids])
  return read
}

type Position = NonNullable<PhotoExif['gps']>

/** The nearest town by the server's own list. It is told the position to about a kilometre: a town needs no more. */
export function useTownNear(position: Position | undefined): Place | undefined {
  const [place, setPlace] = useState<Place | undefined>(undefined)
  const lat = position && coarse(position.latitude)
  const lng = position && coarse(position.longitude)
  useEffect(() => {
    setPlace(undefined)
    if (lat === undefined || lng === undefined) return
    const stop = new AbortController()
    const query = { lat, lng, language: locale() }
    call('GET /api/places/nearby', { query, signal: stop.signal }).then(
      ({ place: found }) => setPlace(found ?? undefined),
      // A suggestion that does not come is none.
      () => undefined,
    )
    return () => stop.abort()
  }, [lat, lng])
  return place
}

function coarse(degrees: number): number {
  return Math.round(degrees * 100) / 100
}
