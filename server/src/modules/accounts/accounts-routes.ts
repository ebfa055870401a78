import { accountsEndpoints } from '@heliograph/contract/accounts'
import type { FastifyRequest } from 'fastify'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent, page } from '#platform/http/mount.ts'
import type { Authenticator } from '#platform/http/viewer.ts'
import { whenThere } from '#platform/soon/soon.ts'
import { isForOutside, needsVerifiedEmail } from './accounts-policy.ts'
import { presentSession } from './accounts-view.ts'
import type { Emails } from './email-service.ts'
import type { KnownDevices } from './known-devices.ts'
import type { Leaving } from './leaving.ts'
import type { PasswordChanges } from './password-changes.ts'
import type { PasswordSignIn } from './password-sign-in.ts'
import type { Profiles } from './profile-service.ts'
import { deviceCookies, endedSessionCookies, type Surroundings, surroundingsOf } from './session-cookies.ts'
import type { ViewerOf } from './session-viewers.ts'
import type { Sessions } from './sessions-service.ts'
import type { SignUp } from './sign-up-service.ts'
import {
  type ClientOf,
  cookieSeconds,
  createRenewed,
  createSignedUp,
  createTokenOf,
  type SignedInAnswer,
  type TokenOf,
} from './signed-in.ts'

interface Deps {
  signUp: SignUp
  sessions: Sessions
  viewerOf: ViewerOf
  passwords: Pick<PasswordChanges, 'changePassword'>
  passwordSignIn: Pick<PasswordSignIn, 'signIn' | 'repeatSignIn'>
  devices: Pick<KnownDevices, 'introduce'>
  profiles: Profiles
  emails: Emails
  leaving: Pick<Leaving, 'leave'>
  clientOf: ClientOf
  signedIn: SignedInAnswer
  publicUrl: string
  requireVerifiedEmail: boolean
}

export function mountAccounts(http: Http, deps: Deps): void {
  const { signUp, sessions, passwords, passwordSignIn, devices, profiles, emails, leaving } = deps
  const { clientOf, signedIn, publicUrl } = deps
  const signedUp = createSignedUp(signedIn)
  const [renewed, tokenOf] = [createRenewed(publicUrl), createTokenOf(publicUrl)]
  const around = (request: FastifyRequest): Surroundings => surroundingsOf(request, publicUrl)

  http.setAuthenticator(createAuthenticator(deps, tokenOf))

  mount(http, accountsEndpoints, {
    'POST /api/accounts': {
      create: async (context) =>
        signedUp(
          await signUp.signUp(context.body, clientOf(context.request), context.once),
          context.body.cookie,
          context,
        ),
      replay: async (context, userId) =>
        signedUp(
          await signUp.repeat(userId, context.body, clientOf(context.request)),
          context.body.cookie,
          context,
        ),
    },
    'POST /api/sessions': {
      create: async (context) =>
        signedIn(
          await passwordSignIn.signIn(context.body, clientOf(context.request), context.once),
          context.body.cookie,
          context,
        ),
      replay: async (context) =>
        signedIn(
          await passwordSignIn.repeatSignIn(context.body, clientOf(context.request)),
          context.body.cookie,
          context,
        ),
    },
    'DELETE /api/sessions/current': async ({ viewer, request, reply }) => {
      await sessions.end(viewer.id, viewer.sessionId)
      reply.header('set-cookie', endedSessionCookies(around(request)))
      return noContent()
    },
    'GET /api/sessions': async ({ viewer, query, position }) => {
      const found = await sessions.list(viewer, position?.[0] ?? null, query.limit + 1)
      const shown = found.slice(0, query.limit)
      const last = found.length > query.limit ? shown.at(-1) : undefined
      return page(
        shown.map((session) => presentSession(session, viewer.sessionId)),
        last ? [last.id] : null,
      )
    },
    'DELETE /api/sessions': async ({ viewer, query, request, reply }) => {
      const isAll = query.all !== undefined
      if (isAll) reply.header('set-cookie', endedSessionCookies(around(request)))
      return answer(200, { ended: await sessions.endEverywhere(viewer, isAll, clientOf(request)) })
    },
    'DELETE /api/sessions/:id': async ({ viewer, params }) => {
      await sessions.end(viewer.id, params.id)
      return noContent()
    },
    'PUT /api/me/password': async ({ viewer, body, request, reply }) => {
      const { currentPassword, newPassword } = body
      const client = clientOf(request)
      const holder = { ...viewer, token: tokenOf(request) }
      const token = await passwords.changePassword(
        holder,
        { current: currentPassword, next: newPassword },
        client,
      )
      return renewed(token, { request, reply })
    },
    'POST /api/me/deletion': async ({ viewer, request, reply }) => {
      const deleteAt = await leaving.leave(viewer)
      reply.header('set-cookie', endedSessionCookies(around(request)))
      return answer(200, { deleteAt: deleteAt.toISOString() })
    },
    'POST /api/email-verifications': async ({ body, viewer }) => {
      await emails.verify(body.code, viewer)
      return noContent()
    },
    'POST /api/me/email-verification': async ({ viewer }) => {
      await emails.askAgain(viewer.id)
      return noContent()
    },
    'GET /api/me': async ({ viewer, request, reply }) => {
      const user = await profiles.presentMe(viewer.id)
      // Whoever comes back is known longer. The session's cookie lasts longer than any session without that, and put back
      // here it might come after one that took its place.
      if (request.headers.authorization === undefined) {
        const client = clientOf(request)
        // One that signed in before browsers were known by anything is known from now on.
        const device = client.device ?? (await devices.introduce(viewer, client))
        reply.header('set-cookie', deviceCookies(device, cookieSeconds, around(request)))
      }
      return answer(200, user)
    },
    'PATCH /api/me': async ({ viewer, body }) => {
      await profiles.change(viewer.id, body)
      return answer(200, await profiles.presentMe(viewer.id))
    },
    'GET /api/users/:username': async ({ viewer, params }) =>
      answer(200, await profiles.presentProfile(viewer, params.username)),
    'GET /api/users': async ({ viewer, query }) => page(await profiles.complete(viewer, query.prefix), null),
  })
}

function createAuthenticator(
  { viewerOf, clientOf, requireVerifiedEmail }: Deps,
  tokenOf: TokenOf,
): Authenticator {
  return (request) => {
    const token = tokenOf(request)
    return whenThere(token ? viewerOf(token, () => clientOf(request)) : null, (viewer) => {
      const isHeldBack = requireVerifiedEmail && viewer?.isEmailVerified === false
      if (isHeldBack && needsVerifiedEmail(request.method, request.url))
        throw fault('account.email_unverified')
      if (viewer?.isOutside && !isForOutside(request.url)) throw fault('auth.factor_missing')
      return viewer
    })
  }
}
