import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import type { RawPicture } from './decode-picture.ts'
import { type PictureScores, pictureClasses } from './protocol.ts'

// The networks of nsfwjs, from the files of its package and without a network: TensorFlow.js on its
// WebAssembly backend. Loaded by the first picture that is classified, once in a process.

export interface PictureModel {
  /** As it is kept beside its scores. */
  readonly name: string
  /** Pixels of a side of the square that it looks at. */
  readonly side: number
  /** `square` has three channels and exactly that side. */
  classify(square: RawPicture): Promise<PictureScores>
}

/** The release that the networks come with; a test holds it against package.json. */
export const modelsRelease = 'nsfwjs 4.4.0'

type Definition = typeof import('nsfwjs/models/mobilenet_v2_mid').MobileNetV2MidModel
type Core = typeof import('@tensorflow/tfjs-core')
type Load = (artifacts: Artifacts) => Promise<{ predict(input: Tensor4D): unknown }>

interface Artifacts {
  modelTopology: object
  format?: string
  weightSpecs: import('@tensorflow/tfjs-core').io.WeightsManifestEntry[]
  weightData: ArrayBuffer
}

/** 35 ms of CPU a picture, 120 MB resident. */
export const quickModel = once(async () => {
  const [core, { loadGraphModel }, { MobileNetV2MidModel }] = await Promise.all([
    startCore(),
    import('@tensorflow/tfjs'),
    import('nsfwjs/models/mobilenet_v2_mid'),
  ])
  return loadModel(core, MobileNetV2MidModel, 224, (artifacts) =>
    loadGraphModel({ load: async () => artifacts }),
  )
})

/** 300 ms of CPU a picture, 350 MB more: a child that needed it is replaced afterwards, see media-pool.ts. */
export const thoroughModel = once(async () => {
  const [core, { loadLayersModel }, { InceptionV3Model }] = await Promise.all([
    startCore(),
    import('@tensorflow/tfjs-layers'),
    import('nsfwjs/models/inception_v3'),
  ])
  return loadModel(core, InceptionV3Model, 299, (artifacts) =>
    loadLayersModel({ load: async () => artifacts }),
  )
})

const startCore = once(async (): Promise<Core> => {
  const core = await import('@tensorflow/tfjs-core')
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`)
  if (!(await core.setBackend('wasm'))) throw new Error('the WebAssembly backend does not start')
  return core
})

async function loadModel(
  core: Core,
  definition: Definition,
  side: number,
  load: Load,
): Promise<PictureModel> {
  const network = await load(await artifactsOf(definition))
  return {
    name: `${modelsRelease} ${definition.name}`,
    side,
    async classify(square) {
      const pixels = Float32Array.from(square.data, (value) => value / 255)
      const output = core.tidy(
        () =>
          network.predict(
            core.tensor4d(pixels, [1, side, side, 3]),
          ) as import('@tensorflow/tfjs-core').Tensor,
      )
      try {
        const values = await output.data()
        if (values.length !== pictureClasses.length) throw new Error('the network has other classes')
        return Object.fromEntries(
          pictureClasses.map((name, index) => [name, rounded(values[index]!)]),
        ) as PictureScores
      } finally {
        output.dispose()
      }
    },
  }
}

async function artifactsOf(definition: Definition): Promise<Artifacts> {
  const model = unwrapped(await definition.modelJson())
  const weights: Buffer[] = []
  for (const bundle of definition.weightBundles)
    weights.push(Buffer.from(unwrapped(await bundle()), 'base64'))
  const { buffer, byteOffset, byteLength } = Buffer.concat(weights)
  return {
    modelTopology: model.modelTopology as object,
    ...(model.format === undefined ? {} : { format: model.format }),
    weightSpecs: model.weightsManifest.flatMap(
      (group: { weights: Artifacts['weightSpecs'] }) => group.weights,
    ),
    weightData: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
  }
}

/** The files are CommonJS with a default of their own inside the one that Node gives them. */
function unwrapped<T>(module: { default: T }): T {
  const given = module.default as T & { default?: T }
  return typeof given === 'object' && given !== null && given.default !== undefined ? given.default : given
}

function rounded(value: number): number {
  if (!Number.isFinite(value)) throw new Error('the network answered no number')
  return Math.round(value * 10_000) / 10_000
}

/** A failure is not kept: the next picture tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
