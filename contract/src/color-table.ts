import type { Color, ColorLook } from './color-look.ts'

/** Nodes along each side: the usual size of colour tables, at which interpolation is not to be seen. */
export const tableSide = 33

const nodeCount = tableSide ** 3

/** Values of a table are 256ths of a byte: whole numbers, so that what changes nothing changes no byte. */
export const tableUnit = 256

/** A look for every colour: red runs fastest, then green, then blue; three values a node. 5 ms. */
export function bakeColorTable(look: ColorLook): Uint16Array {
  const table = new Uint16Array(nodeCount * 3)
  const color: Color = [0, 0, 0]
  const last = tableSide - 1
  const white = 255 * tableUnit
  let at = 0
  for (let blue = 0; blue <= last; blue++) {
    for (let green = 0; green <= last; green++) {
      for (let red = 0; red <= last; red++) {
        color[0] = red / last
        color[1] = green / last
        color[2] = blue / last
        look(color)
        for (let channel = 0; channel < 3; channel++) table[at++] = Math.round(color[channel]! * white)
      }
    }
  }
  return table
}

/** The same table as the text that video tools read (ffmpeg's lut3d, editing programs). */
export function cubeFileOf(table: Uint16Array, title: string): string {
  const lines = [`TITLE "${title}"`, `LUT_3D_SIZE ${tableSide}`]
  for (let at = 0; at < table.length; at += 3) {
    lines.push([0, 1, 2].map((channel) => (table[at + channel]! / (255 * tableUnit)).toFixed(6)).join(' '))
  }
  return `${lines.join('\n')}\n`
}
