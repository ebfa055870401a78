import { tableSide, tableUnit } from '@heliograph/contract/color-table'
import { type Look, sharpenGain } from '@heliograph/contract/look'
import { fragmentShader, vertexShader } from './look-shader.ts'

export interface WebGlPainter {
  /** False when it could not: there is no context just now. */
  paint(from: HTMLCanvasElement, look: Look, onto: CanvasRenderingContext2D): boolean
}

/**
 * One context for all previews of the page: browsers allow few. What it draws is copied to where it is shown.
 * A context that the system took away is set up anew when it comes back.
 */
export function createWebGlPainter(): WebGlPainter | undefined {
  const canvas = document.createElement('canvas')
  const gl = canvas.getContext('webgl', { premultipliedAlpha: false, antialias: false })
  if (!gl) return undefined
  let scene = setUp(gl)
  canvas.addEventListener('webglcontextlost', (event) => {
    event.preventDefault()
    scene = undefined
  })
  canvas.addEventListener('webglcontextrestored', () => {
    scene = setUp(gl)
  })
  return {
    paint(from, look, onto) {
      if (!scene || gl.isContextLost()) return false
      // Only ever grown: thumbnails and the large preview take turns.
      if (canvas.width < from.width) canvas.width = from.width
      if (canvas.height < from.height) canvas.height = from.height
      scene.draw(from, look)
      const { width, height } = from
      onto.clearRect(0, 0, width, height)
      onto.drawImage(canvas, 0, canvas.height - height, width, height, 0, 0, width, height)
      return true
    },
  }
}

interface Scene {
  draw(from: HTMLCanvasElement, look: Look): void
}

function setUp(gl: WebGLRenderingContext): Scene | undefined {
  const program = link(gl)
  if (!program) return undefined
  gl.useProgram(program)
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
  gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1), gl.STATIC_DRAW)
  const corner = gl.getAttribLocation(program, 'corner')
  gl.enableVertexAttribArray(corner)
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0)
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
  for (const unit of [gl.TEXTURE0, gl.TEXTURE1]) addTexture(gl, unit)
  const place = (name: string) => gl.getUniformLocation(program, name)
  gl.uniform1i(place('picture'), 0)
  gl.uniform1i(place('table'), 1)
  const [pixel, sharpen, mapped, vignette] = ['pixel', 'sharpen', 'mapped', 'vignette'].map(place)
  let shown: Uint16Array | undefined
  return {
    draw(from, look) {
      if (look.table && look.table !== shown) {
        shown = look.table
        gl.activeTexture(gl.TEXTURE1)
        const [width, height] = [tableSide, tableSide * tableSide]
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, width, height, 0, gl.RGB, gl.UNSIGNED_BYTE, bytesOf(shown))
      }
      gl.activeTexture(gl.TEXTURE0)
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, from)
      gl.uniform2f(pixel!, 1 / from.width, 1 / from.height)
      gl.uniform1f(sharpen!, look.sharpen > 0 ? sharpenGain(look.sharpen, from.width) : 0)
      gl.uniform1f(mapped!, look.table ? 1 : 0)
      gl.uniform1f(vignette!, look.vignette)
      gl.viewport(0, 0, from.width, from.height)
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
    },
  }
}

function link(gl: WebGLRenderingContext): WebGLProgram | undefined {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type)
    if (!program || !shader) return undefined
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : undefined
}

/** Its own pixels and nothing between them: mixing is the shader's part. */
function addTexture(gl: WebGLRenderingContext, unit: number): void {
  gl.activeTexture(unit)
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE)
  for (const size of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, size, gl.NEAREST)
}

function bytesOf(table: Uint16Array): Uint8Array {
  return Uint8Array.from(table, (value) => Math.min(255, (value + tableUnit / 2) / tableUnit))
}
