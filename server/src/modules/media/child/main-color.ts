import { type RawPicture, rawOf, sharpOf } from './decode-picture.ts'

/** The colour that there is most of, to lie behind a picture that does not fill its frame: `#rrggbb`. */
export async function mainColorOf(small: RawPicture): Promise<string> {
  // Statistics are those of the input: it has to be plain before.
  const flat = sharpOf(small).flatten({ background: '#fff' }).toColourspace('srgb')
  const { dominant } = await sharpOf(await rawOf(flat)).stats()
  const parts = [dominant.r, dominant.g, dominant.b].map((part) => part.toString(16).padStart(2, '0'))
  return `#${parts.join('')}`
}
