import { placesEndpoints } from '@heliograph/contract/places'
import type { Place } from '@heliograph/contract/posts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount } from '#platform/http/mount.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { type Gazetteer, loadGazetteer } from './places-gazetteer.ts'
import { presentTown, readableLanguage } from './places-view.ts'

export interface Asker {
  language?: string | undefined
  acceptLanguage?: string | undefined
}

/** What other modules may ask of places. */
export interface PlacesApi {
  /** A suggestion and nothing more: null far from every town, and while there is no gazetteer. */
  suggest(position: { lat: number; lng: number }, asker: Asker): Promise<Place | null>
}

export interface Places {
  api: PlacesApi
  routes(http: Http): void
}

export function createPlaces({ log }: { log: Log }): Places {
  // Read when it is first asked for: most servers' days begin without.
  let gazetteer: Promise<Gazetteer> | undefined

  async function load(): Promise<Gazetteer | null> {
    gazetteer ??= loadGazetteer()
    try {
      return await gazetteer
    } catch (error) {
      gazetteer = undefined
      log.warn({ err: error }, 'No place can be suggested: the gazetteer could not be read')
      return null
    }
  }

  const api: PlacesApi = {
    async suggest({ lat, lng }, { language, acceptLanguage }) {
      const town = (await load())?.nearest(lat, lng)
      return town ? presentTown(town, readableLanguage(language, acceptLanguage)) : null
    },
  }

  return {
    api,
    routes(http) {
      mount(http, placesEndpoints, {
        'GET /api/places/nearby': async ({ query: { lat, lng, language }, request }) => {
          const asker = { language, acceptLanguage: request.headers['accept-language'] }
          return answer(200, { place: await api.suggest({ lat, lng }, asker) })
        },
      })
    },
  }
}
