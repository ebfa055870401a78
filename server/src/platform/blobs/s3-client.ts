import { S3Client } from '@aws-sdk/client-s3'

export interface S3Access {
  /** Null: AWS itself, by region. */
  endpoint: string | null
  region: string
  accessKeyId: string
  secretAccessKey: string
}

/** Of one request with an answer of a few bytes, over all its tries. */
export const answerPatienceMs = 8000
/** Of one piece of a file, over all its tries. */
export const piecePatienceMs = 120_000
/** A body that gives nothing for so long is ended: its reader has gone or stands still. */
const idleMs = 60_000
const mostConnections = 64

export function createS3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client {
  const agent = { keepAlive: true, maxSockets: mostConnections }
  return new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    credentials: { accessKeyId, secretAccessKey },
    // Stores other than AWS refuse the checksums that newer SDKs add by themselves; ours are in the database.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: false,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2000,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  })
}

/** The signal covers the request until its answer begins; a body has its own life. */
export async function withPatience<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ms)
  try {
    return await ask(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}
