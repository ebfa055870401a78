import type {
  PasskeyAssertion,
  PasskeyAttestation,
  PasskeyCreation,
  PasskeyRequest,
} from '@heliograph/contract/second-factors'
import {
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser'
import { ApiProblem, call } from './api.ts'
import { enter } from './session.ts'

/** Loaded when a passkey is wanted, or could be: see `passkeysWork` for whether it can be at all. */

type Registration = Parameters<typeof startRegistration>[0]['optionsJSON']
type Authentication = Parameters<typeof startAuthentication>[0]['optionsJSON']

export async function createPasskey(options: PasskeyCreation): Promise<PasskeyAttestation> {
  const { id, response } = await asked(() => startRegistration({ optionsJSON: options as Registration }))
  const { clientDataJSON, attestationObject, transports = [] } = response
  return { id, clientDataJSON, attestationObject, transports }
}

export async function showPasskey(
  request: PasskeyRequest,
  useBrowserAutofill = false,
): Promise<PasskeyAssertion> {
  const { id, response } = await asked(() =>
    startAuthentication({ optionsJSON: request as Authentication, useBrowserAutofill }),
  )
  const { clientDataJSON, authenticatorData, signature } = response
  return { id, clientDataJSON, authenticatorData, signature }
}

/** `offer`: among what the browser offers, for as long as it is not called off. */
export async function signInByPasskey(offer?: { isOver(): boolean }): Promise<void> {
  const request = await call('POST /api/passkey-challenges')
  // Begun now, it would call off what was asked for meanwhile.
  if (offer?.isOver()) throw new ApiProblem('client.aborted', 0)
  const passkey = await showPasskey(request, offer !== undefined)
  await enter(call('POST /api/sessions/passkey', { body: { passkey, cookie: true } }))
}

/** Of the five minutes that a challenge is good for. */
const renewMs = 4 * 60 * 1000

/**
 * Passkeys among the names that the browser offers for the field of the name. Waits until one is chosen; gives what
 * ends the waiting. What fails here says nothing: nobody has asked for it.
 */
export function offerPasskeys(onDone: () => void, onProblem: (error: unknown) => void): () => void {
  let over = false
  let timer = 0
  async function wait(): Promise<void> {
    timer = window.setTimeout(() => void wait(), renewMs)
    try {
      await signInByPasskey({ isOver: () => over })
      if (!over) onDone()
    } catch (error) {
      if (!over && error instanceof ApiProblem && error.code === 'auth.passkey_refused') onProblem(error)
    }
  }
  void browserSupportsWebAuthnAutofill().then((works) => {
    if (works && !over) void wait()
  })
  return () => {
    over = true
    clearTimeout(timer)
    WebAuthnAbortService.cancelCeremony()
  }
}

/** Turning away from the browser's question is no error, and which one it was browsers do not tell. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const { name, cause } = error as Error
    const isKnown = [name, (cause as Error | undefined)?.name].includes('InvalidStateError')
    throw new ApiProblem(isKnown ? 'client.passkey_known' : 'client.aborted', 0)
  }
}
