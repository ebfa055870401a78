import { statfs } from 'node:fs/promises'

/** What is left on the disk of a folder for those who are not root. */
export async function freeBytes(folder: string): Promise<number> {
  const disk = await statfs(folder)
  return disk.bavail * disk.bsize
}
