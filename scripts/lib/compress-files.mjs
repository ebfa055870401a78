import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What pages are made of. Pictures are small already, and maps are not sent. */
const TEXTS = /\.(?:css|js|json|svg|webmanifest)$/
/** Below it everything fits into one packet as it is. */
const FROM_BYTES = 1000

const ways = {
  /** @param {Buffer} bytes */
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  /** @param {Buffer} bytes */
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
}

/**
 * Beside each text file of a build what is sent of it to browsers that take it: as small as it gets, since it is made once
 * and sent often.
 *
 * @param {string} folder
 */
export async function compressFiles(folder) {
  const all = await readdir(folder, { recursive: true })
  for (const name of all.filter((file) => TEXTS.test(file))) {
    const file = path.join(folder, name)
    const bytes = await readFile(file)
    if (bytes.length < FROM_BYTES) continue
    await Promise.all(
      Object.entries(ways).map(async ([ending, compress]) =>
        writeFile(`${file}.${ending}`, await compress(bytes)),
      ),
    )
  }
}
