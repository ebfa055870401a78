import { makeVideo } from './video-maker.ts'
import { type GoodVideo, goodVideos } from './videos.ts'

// One film of the corpus in a process of its own: `make-good-video.ts <name> <path>`.
const [name, path] = process.argv.slice(2)
if (!name || !path || !(name in goodVideos)) throw new Error(`There is no film named ${name}`)
await makeVideo({ ...goodVideos[name as GoodVideo], path })
