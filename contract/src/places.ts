import { z } from 'zod'
import { decimalNumber } from './common.ts'
import { endpoint } from './endpoint.ts'
import { Place } from './posts.ts'

/** BCP 47; names of countries are told in it. Without one the browser's `Accept-Language` says it. */
export const AskedLanguage = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag')
  .optional()

export const placesEndpoints = {
  'GET /api/places/nearby': endpoint({
    summary:
      'The town nearest to a position, with the position of the town; null where there is none within 50 km.',
    tag: 'Posts',
    auth: 'required',
    budget: 'read',
    query: z.strictObject({
      lat: decimalNumber(-90, 90),
      lng: decimalNumber(-180, 180),
      language: AskedLanguage,
    }),
    answers: { 200: z.object({ place: Place.nullable() }) },
  }),
}
