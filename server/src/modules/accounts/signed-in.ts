import type { FastifyReply, FastifyRequest } from 'fastify'
import { answer } from '#platform/http/mount.ts'
import { noteFacts } from '#platform/http/request-facts.ts'
import { preferredLanguage } from './accounts-policy.ts'
import type { Client } from './client.ts'
import { readDeviceToken } from './known-devices.ts'
import type { Profiles } from './profile-service.ts'
import {
  deviceCookies,
  readDeviceCookie,
  readSessionCookie,
  sessionCookies,
  surroundingsOf,
} from './session-cookies.ts'
import type { SignedInAs } from './sessions-service.ts'

/** The longest that browsers keep a cookie; when a session is over is decided here, not there. */
export const cookieSeconds = 400 * 24 * 60 * 60
const userAgentLength = 300

interface Deps {
  profiles: Pick<Profiles, 'presentMe'>
  publicUrl: string
}

/** The one answer to everything that signs somebody in: the token, or a cookie with it. */
export type SignedInAnswer = ReturnType<typeof createSignedIn>

/** A sign-up may have to wait; then there is nothing to answer but that. */
export function createSignedUp(signedIn: SignedInAnswer) {
  return async (as: SignedInAs | null, ...rest: Tail<Parameters<SignedInAnswer>>) =>
    as === null ? answer(202, { waiting: true as const }) : signedIn(as, ...rest)
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never

export function createSignedIn({ profiles, publicUrl }: Deps) {
  return async (
    { userId, token, deviceToken }: SignedInAs,
    wantsCookie: boolean | undefined,
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  ) => {
    noteFacts(request, { account: userId })
    const user = await profiles.presentMe(userId)
    if (!wantsCookie) return answer(201, { token, user })
    const around = surroundingsOf(request, publicUrl)
    const device = deviceToken === null ? [] : deviceCookies(deviceToken, cookieSeconds, around)
    reply.header('set-cookie', [...sessionCookies(token, cookieSeconds, around), ...device])
    return answer(201, { user })
  }
}

export type TokenOf = (request: FastifyRequest) => string

/** What somebody shows to be let in; '' is nobody's. */
export function createTokenOf(publicUrl: string): TokenOf {
  return (request) => {
    const { authorization, cookie } = request.headers
    return (
      (authorization === undefined
        ? readSessionCookie(cookie, surroundingsOf(request, publicUrl))
        : /^Bearer +(\S+)$/i.exec(authorization)?.[1]) ?? ''
    )
  }
}

/** The session goes on: its new token goes where the one of before came from; null: the one it has was told already. */
export function createRenewed(publicUrl: string) {
  return (token: string | null, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) => {
    if (token === null) return answer(200, {})
    if (request.headers.authorization !== undefined) return answer(200, { token })
    reply.header('set-cookie', sessionCookies(token, cookieSeconds, surroundingsOf(request, publicUrl)))
    return answer(200, {})
  }
}

export type ClientOf = (request: FastifyRequest) => Client

export function createClientOf(publicUrl: string): ClientOf {
  return (request) => {
    const { 'user-agent': userAgent = '', 'accept-language': language, origin } = request.headers
    return {
      userAgent: userAgent.slice(0, userAgentLength),
      address: request.ip,
      language: preferredLanguage(language),
      keepsCookies: wantsCookie(request.body),
      device: readDeviceToken(readDeviceCookie(request.headers.cookie, surroundingsOf(request, publicUrl))),
      // Browsers name it whenever something is changed, and one that is not ours came no further than the guard.
      origin: origin ?? publicUrl,
    }
  }
}

/** Everything that signs somebody in takes this wish in its body; what is no such body wishes nothing. */
function wantsCookie(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'cookie' in body && body.cookie === true
}
