import type { Color, ColorLook } from './color-look.ts'

/** Nodes along each side: the usual size of colour tables, at which interpolation is not to be seen. */
export const tableSide = 33

const nodeCount = tableSide ** 3

/** A look for every colour: red runs fastest, then green, then blue; 0–255, three values a node. */
export function bakeColorTable(look: ColorLook): Float32Array {
  const table = new Float32Array(nodeCount * 3)
  const color: Color = [0, 0, 0]
  const last = tableSide - 1
  let at = 0
  for (let blue = 0; blue <= last; blue++) {
    for (let green = 0; green <= last; green++) {
      for (let red = 0; red <= last; red++) {
        color[0] = red / last
        color[1] = green / last
        color[2] = blue / last
        look(color)
        table[at++] = color[0] * 255
        table[at++] = color[1] * 255
        table[at++] = color[2] * 255
      }
    }
  }
  return table
}

/** The same table as the text that video tools read (ffmpeg's lut3d, editing programs). */
export function cubeFileOf(table: Float32Array, title: string): string {
  const lines = [`TITLE "${title}"`, `LUT_3D_SIZE ${tableSide}`]
  for (let at = 0; at < table.length; at += 3) {
    lines.push([0, 1, 2].map((channel) => (table[at + channel]! / 255).toFixed(6)).join(' '))
  }
  return `${lines.join('\n')}\n`
}
