import { applyLook, type Look } from '@heliograph/contract/look'
import { createWebGlPainter, type WebGlPainter } from './look-webgl.ts'

let painter: WebGlPainter | undefined | null = null

/** Lays a look on a drawn picture: by WebGL, else by the very function that the server uses. */
export function paintLook(from: HTMLCanvasElement, look: Look | undefined, onto: HTMLCanvasElement): void {
  if (onto.width !== from.width) onto.width = from.width
  if (onto.height !== from.height) onto.height = from.height
  const context = onto.getContext('2d')
  if (!context) return
  if (!look) {
    context.clearRect(0, 0, onto.width, onto.height)
    context.drawImage(from, 0, 0)
    return
  }
  if (painter === null) painter = createWebGlPainter()
  if (!painter?.paint(from, look, context)) paintByHand(from, look, context)
}

function paintByHand(from: HTMLCanvasElement, look: Look, onto: CanvasRenderingContext2D): void {
  const { width, height } = from
  const image = from.getContext('2d')?.getImageData(0, 0, width, height)
  if (!image) return
  applyLook({ data: new Uint8Array(image.data.buffer), width, height, channels: 4 }, look)
  onto.putImageData(image, 0, 0)
}
