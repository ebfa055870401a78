import { S3ServiceException } from '@aws-sdk/client-s3'
import { type FaultError, fault } from '../http/fault.ts'
import { StoreSetupError } from './store-setup-error.ts'

/** It took the request, and did not do all of it. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal'
}

const wrongKeys = /^(InvalidAccessKeyId|SignatureDoesNotMatch|AuthorizationHeaderMalformed|InvalidToken)$/
const noRoom = /^(QuotaExceeded|EntityTooLarge|InsufficientStorage|XMinioStorageFull)$/

export function isAbsent(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false
  return error.name === 'NoSuchKey' || error.name === 'NotFound'
}

/** The store knows one class of storage, and says so in one of these ways. */
export function isWithoutClasses(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    /^(InvalidStorageClass|InvalidRequest|NotImplemented)$/.test(error.name)
  )
}

/** It knows deletions of single objects only. */
export function isWithoutBatches(error: unknown): boolean {
  return error instanceof S3ServiceException && /^(NotImplemented|MethodNotAllowed)$/.test(error.name)
}

/** For those who wait: errors of the caller's own making pass as they are. */
export function asStoreFault(error: unknown): FaultError | TypeError {
  if (error instanceof TypeError && (error as NodeJS.ErrnoException).code === undefined) return error
  // Of our own disk, onto which an object is copied.
  const isFullHere = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  const isFullThere =
    error instanceof S3ServiceException && (noRoom.test(error.name) || error.$metadata.httpStatusCode === 507)
  if (isFullHere || isFullThere) return fault('server.storage_full', { cause: error })
  return fault('server.unavailable', { cause: error, headers: { 'retry-after': '5' } })
}

/** Null: the store may be away for a moment, which nobody mends by changing settings. */
export function setupFaultOf(error: unknown, { bucket, setting }: { bucket: string; setting: string }) {
  if (!(error instanceof S3ServiceException)) return null
  const status = error.$metadata.httpStatusCode
  if (wrongKeys.test(error.name))
    return new StoreSetupError(
      'The S3 store refuses the keys: check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_REGION.',
    )
  if (error.name === 'NoSuchBucket' || status === 404)
    return new StoreSetupError(
      `${setting}=${bucket}: the S3 store has no such bucket. Make it first, private.`,
    )
  if (status === 403)
    return new StoreSetupError(
      `${setting}=${bucket}: these keys may not read the bucket. They need to list it, and to get, put and delete its objects.`,
    )
  if (status === 301 || status === 400)
    return new StoreSetupError(
      `${setting}=${bucket}: the S3 store does not take the request (${error.name}). Check S3_ENDPOINT and S3_REGION.`,
    )
  return null
}
