/** What a network made of a picture, 0 to 1 by class; a class that is not there was not looked for. */
interface Scores {
  porn?: number
  hentai?: number
}

/** How likely it is that the picture is explicit, photographed or drawn. */
export function explicitness({ porn = 0, hentai = 0 }: Scores): number {
  return Math.min(1, porn + hentai)
}
