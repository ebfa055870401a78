import type { SignUpBody } from '@heliograph/contract/accounts'
import type { z } from 'zod'
import { fault } from '#platform/http/fault.ts'
import type { Doors } from './invitations-service.ts'

type Asks = Pick<z.output<typeof SignUpBody>, 'ownerCode' | 'invitation' | 'birthDate'>

/**
 * Whether somebody may come in, before anything costly is done for them; codes are looked at where they are used up.
 * The owner's code opens every door. An invitation opens a closed one too: there only those of the operator count.
 */
export function admit(doors: Doors, asks: Asks, now: Date): 'active' | 'waiting' {
  if (asks.ownerCode !== undefined) return 'active'
  if (asks.invitation === undefined) {
    if (doors.signUp === 'closed') throw fault('account.sign_up_closed')
    if (doors.signUp === 'invitation') throw fault('account.invitation_needed')
  }
  requireAge(doors.minimumAge, asks.birthDate, now)
  return doors.signUp === 'approval' && asks.invitation === undefined ? 'waiting' : 'active'
}

function requireAge(minimumAge: number, birthDate: string | undefined, now: Date): void {
  if (minimumAge === 0) return
  if (birthDate === undefined) throw fault('account.birth_date_needed')
  if (ageAt(birthDate, now) < minimumAge) throw fault('account.too_young')
}

/** Whole years, by the day in UTC. Who is born on 29 February comes of age on 1 March. */
export function ageAt(birthDate: string, now: Date): number {
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  const hadBirthday =
    now.getUTCMonth() + 1 > month || (now.getUTCMonth() + 1 === month && now.getUTCDate() >= day)
  return now.getUTCFullYear() - year - (hadBirthday ? 0 : 1)
}
