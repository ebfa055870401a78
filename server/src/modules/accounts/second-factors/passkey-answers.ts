import type {
  PasskeyAssertion,
  PasskeyAttestation,
  PasskeyCreation,
  PasskeyRequest,
} from '@heliograph/contract/second-factors'
import type { UserRow } from '../accounts-repository.ts'
import { passkeyPatienceMs } from './passkey-challenges.ts'
import type { PasskeyRow } from './passkeys-repository.ts'

/** Origin of the page that asks, which is one of ours: a passkey is bound to its host. */
export interface Site {
  origin: string
}

/** EdDSA, ES256, RS256: what every authenticator has one of. */
const algorithms = [-8, -7, -257]

const hostOf = ({ origin }: Site) => new URL(origin).hostname

export function describeCreation(
  user: UserRow,
  { challenge, site, existing }: { challenge: string; site: Site; existing: readonly PasskeyRow[] },
): PasskeyCreation {
  return {
    rp: { id: hostOf(site), name: 'Heliograph' },
    user: {
      // Opaque to the person; nothing of them that could change.
      id: Buffer.from(user.id).toString('base64url'),
      name: user.username,
      displayName: user.full_name || user.username,
    },
    challenge,
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: passkeyPatienceMs,
    excludeCredentials: existing.map(nameOf),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    // Who made the authenticator is nobody's business here.
    attestation: 'none',
  }
}

export function describeRequest(
  challenge: string,
  site: Site,
  /** Undefined: alone, and whichever the person has. */
  among: readonly PasskeyRow[] | undefined,
): PasskeyRequest {
  return {
    challenge,
    rpId: hostOf(site),
    timeout: passkeyPatienceMs,
    allowCredentials: among?.map(nameOf) ?? [],
    userVerification: among ? 'preferred' : 'required',
  }
}

function nameOf({ credential_id: id, transports }: PasskeyRow) {
  return { id, type: 'public-key' as const, transports }
}

interface Check {
  site: Site
  isOpen(challenge: string): boolean
}

/** Some 250 modules of certificates' formats, which a start does without until somebody shows a passkey. */
const readVerifier = () => import('@simplewebauthn/server')

/** Null for what is malformed, made for another site or challenge, or not signed by the one it names. */
export async function checkAttestation(
  { id, clientDataJSON, attestationObject, transports }: PasskeyAttestation,
  { site, isOpen }: Check,
): Promise<Pick<PasskeyRow, 'credential_id' | 'public_key' | 'counter' | 'transports' | 'is_synced'> | null> {
  const { verifyRegistrationResponse } = await readVerifier()
  const response = { clientDataJSON, attestationObject }
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response },
    expectedChallenge: isOpen,
    expectedOrigin: site.origin,
    expectedRPID: hostOf(site),
    supportedAlgorithmIDs: algorithms,
  }).catch(() => ({ registrationInfo: undefined }))
  if (registrationInfo === undefined || registrationInfo.credential.id !== id) return null
  const { credential, credentialBackedUp } = registrationInfo
  return {
    credential_id: id,
    public_key: Buffer.from(credential.publicKey),
    counter: String(credential.counter),
    transports,
    is_synced: credentialBackedUp,
  }
}

/** The counter that the authenticator shows; null as above, and for one that counted backwards. */
export async function checkAssertion(
  { id, clientDataJSON, authenticatorData, signature }: PasskeyAssertion,
  passkey: PasskeyRow,
  { site, isOpen, needsPerson }: Check & { needsPerson: boolean },
): Promise<{ counter: number } | null> {
  const { verifyAuthenticationResponse } = await readVerifier()
  const response = { clientDataJSON, authenticatorData, signature }
  const result = await verifyAuthenticationResponse({
    response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response },
    expectedChallenge: isOpen,
    expectedOrigin: site.origin,
    expectedRPID: hostOf(site),
    requireUserVerification: needsPerson,
    credential: {
      id: passkey.credential_id,
      publicKey: Uint8Array.from(passkey.public_key),
      counter: Number(passkey.counter),
    },
  }).catch(() => null)
  return result?.verified ? { counter: result.authenticationInfo.newCounter } : null
}

/** What an answer says that it answers; checked by whoever verifies it. */
export function challengeIn(clientDataJSON: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as {
      challenge?: unknown
    }
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}
