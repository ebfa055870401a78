// The reference of scenario "accounts": argon2id alone, in a process that does nothing else, on the threads that Node has.
import { performance } from 'node:perf_hooks'
import { verify } from '@node-rs/argon2'

export interface VerifyOrder {
  type: 'verify'
  hash: string
  password: string
  count: number
  inFlight: number
}

process.on('message', (message: VerifyOrder | { type: 'stop' | 'cpu' | 'memory' }) => {
  if (message.type === 'verify') void verifyAll(message)
  if (message.type === 'stop') process.disconnect()
})

async function verifyAll({ hash, password, count, inFlight }: VerifyOrder): Promise<void> {
  const began = performance.now()
  let left = count
  const work = async () => {
    while (left-- > 0) if (!(await verify(hash, password))) throw new Error('the password is wrong')
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  process.send?.({ type: 'verified', ms: performance.now() - began })
}

process.send?.({ type: 'ready', url: '' })
