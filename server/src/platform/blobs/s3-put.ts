import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { StoredObject } from './blobs.ts'
import { answerPatienceMs, piecePatienceMs, withPatience } from './s3-client.ts'

interface Target {
  Bucket: string
  Key: string
  ContentType: string
}

/** S3 wants 5 MiB at least for all but the last one; each is held in memory so that it can be sent again. */
const pieceBytes = 8 * 1024 * 1024

type Facts = Omit<StoredObject, 'key'>

/** The object appears when all of it has arrived, or not at all. */
export async function putObject(client: S3Client, target: Target, path: string): Promise<Facts> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return size <= pieceBytes ? await putWhole(client, target, file) : await putPieces(client, target, file)
  } finally {
    await file.close()
  }
}

async function putWhole(client: S3Client, target: Target, file: FileHandle): Promise<Facts> {
  const body = await file.readFile()
  const command = new PutObjectCommand({ ...target, Body: body, ContentLength: body.length })
  await withPatience(piecePatienceMs, (abortSignal) => client.send(command, { abortSignal }))
  return { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') }
}

async function putPieces(client: S3Client, target: Target, file: FileHandle): Promise<Facts> {
  const { Bucket, Key } = target
  const { UploadId } = await withPatience(answerPatienceMs, (abortSignal) =>
    client.send(new CreateMultipartUploadCommand(target), { abortSignal }),
  )
  try {
    const { parts, ...facts } = await sendPieces(client, { Bucket, Key, UploadId }, file)
    const complete = new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: parts },
    })
    await withPatience(piecePatienceMs, (abortSignal) => client.send(complete, { abortSignal }))
    return facts
  } catch (error) {
    // What cannot be removed now goes with `tidy`.
    await withPatience(answerPatienceMs, (abortSignal) =>
      client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal }),
    ).catch(() => undefined)
    throw error
  }
}

async function sendPieces(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  file: FileHandle,
): Promise<Facts & { parts: CompletedPart[] }> {
  const hash = createHash('sha256')
  const parts: CompletedPart[] = []
  let bytes = 0
  while (true) {
    const body = await readPiece(file, bytes)
    if (body.length === 0) return { parts, bytes, sha256: hash.digest('hex') }
    hash.update(body)
    bytes += body.length
    const PartNumber = parts.length + 1
    const command = new UploadPartCommand({ ...upload, PartNumber, Body: body, ContentLength: body.length })
    const { ETag } = await withPatience(piecePatienceMs, (abortSignal) =>
      client.send(command, { abortSignal }),
    )
    parts.push({ PartNumber, ETag })
  }
}

async function readPiece(file: FileHandle, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(pieceBytes)
  let filled = 0
  while (filled < piece.length) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return piece.subarray(0, filled)
}
