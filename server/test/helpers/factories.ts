import assert from 'node:assert/strict'
import { ApiError, type Client } from '@heliograph/client'
import type { ErrorCode } from '@heliograph/contract/error-codes'

/** Somebody with an account: a signed-in client, and the names that tests need. */
export type Person = Awaited<ReturnType<Client['signUp']>> & {
  username: string
  id: string
  password: string
}

export interface NewPerson {
  username?: string
  email?: string
  password?: string
  fullName?: string
  isPrivate?: boolean
  ownerCode?: string
}

let made = 0

/** Signs up over the API, as `person1`, `person2`, … unless told otherwise. */
export async function buildPerson(client: Client, wanted: NewPerson = {}): Promise<Person> {
  const { isPrivate = false, ...names } = wanted
  const username = names.username ?? `person${++made}`
  const password = names.password ?? 'a long enough phrase'
  const email = names.email ?? `${username}@people.example`
  const signedUp = await client.signUp({ ...names, username, email, password })
  if (isPrivate) await signedUp.call('PATCH /api/me', { body: { isPrivate } })
  return Object.assign(signedUp, { username, password, id: signedUp.user.id })
}

export function buildPeople(client: Client, count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, () => buildPerson(client)))
}

/** Follows, and is accepted where that is asked for. */
export async function follow(follower: Person, followed: Person): Promise<void> {
  const { relationship } = await follower.call('PUT /api/users/:username/follow', {
    params: { username: followed.username },
  })
  if (relationship.following === 'requested')
    await followed.call('PUT /api/follow-requests/:username', { params: { username: follower.username } })
}

export async function block(blocker: Person, blocked: Person): Promise<void> {
  await blocker.call('PUT /api/users/:username/block', { params: { username: blocked.username } })
}

/** The call is refused with this code; gives the whole problem. */
export async function assertRefused(call: Promise<unknown>, code: ErrorCode): Promise<ApiError> {
  const error = await call.then(
    () => assert.fail(`expected ${code}, but it was answered`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiError)) throw error
  assert.equal(error.code, code, error.message)
  return error
}
