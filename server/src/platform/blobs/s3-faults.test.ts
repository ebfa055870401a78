import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { it } from 'node:test'
import { isFault } from '../http/fault.ts'
import { asStoreFault } from './s3-faults.ts'

it('a full disk here is never taken for a store that is away', {
  skip: process.platform !== 'linux' && 'Linux has a device that is always full',
}, async () => {
  const object = new PassThrough()
  object.end('bytes of an object')
  const copied = pipeline(object, createWriteStream('/dev/full'))
  const error = await copied.then(() => undefined, asStoreFault)
  assert.ok(isFault(error, 'server.storage_full'), String(error))
  assert.ok(isFault(asStoreFault(new Error('socket hang up')), 'server.unavailable'))
})
