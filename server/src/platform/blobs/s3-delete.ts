import { createHash } from 'node:crypto'
import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { answerPatienceMs, piecePatienceMs, withPatience } from './s3-client.ts'
import { isAbsent, isWithoutBatches, StoreRefusal } from './s3-faults.ts'
import { mapWide } from './wide.ts'

/** As many as one request may name. */
const mostAtOnce = 1000

/** No error when there is nothing. */
export async function deleteObject(client: S3Client, bucket: string, key: string): Promise<void> {
  const one = new DeleteObjectCommand({ Bucket: bucket, Key: key })
  await withPatience(answerPatienceMs, (abortSignal) => client.send(one, { abortSignal })).catch(
    (error: unknown) => {
      if (!isAbsent(error)) throw error
    },
  )
}

/** A request for a thousand; one by one where the store knows no such request. */
export async function deleteObjects(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  for (let from = 0; from < keys.length; from += mostAtOnce) {
    const some = keys.slice(from, from + mostAtOnce)
    try {
      await deleteBatch(client, bucket, some)
    } catch (error) {
      if (!isWithoutBatches(error)) throw error
      await mapWide(some, (key) => deleteObject(client, bucket, key))
    }
  }
}

async function deleteBatch(client: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  const batch = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  })
  signByMd5(batch)
  const { Errors: refused = [] } = await withPatience(piecePatienceMs, (abortSignal) =>
    client.send(batch, { abortSignal }),
  )
  const [first] = refused.filter(({ Code }) => Code !== 'NoSuchKey')
  if (first) throw new StoreRefusal(`${first.Key}: ${first.Code} ${first.Message}`)
}

/**
 * S3 asked for Content-MD5 with this request before it took other checksums; OpenStack Swift and older stores still do,
 * and know none of the newer ones, which the SDK sends in its place.
 */
function signByMd5(command: DeleteObjectsCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: string }
      for (const header of Object.keys(headers))
        if (/^x-amz-(sdk-)?checksum-/i.test(header)) delete headers[header]
      headers['content-md5'] = createHash('md5').update(body).digest('base64')
      return await next(args)
    },
    { step: 'build', priority: 'low', name: 'contentMd5' },
  )
}
