import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFault } from '#platform/http/fault.ts'
import type { Doors } from './invitations-service.ts'
import { admit, ageAt } from './sign-up-doors.ts'

const now = new Date('2026-03-01T00:00:00Z')
const doors = (signUp: Doors['signUp'], minimumAge = 0): Doors => ({
  signUp,
  minimumAge,
  invitations: 'roles',
})

function answer(...asked: Parameters<typeof admit>): string {
  try {
    return admit(...asked)
  } catch (error) {
    return isFault(error) ? error.code : String(error)
  }
}

test('every kind of door opens to those it is meant for', () => {
  const invitation = '1.x'
  const ownerCode = 'secret'
  const seen = (['open', 'approval', 'invitation', 'closed'] as const).map((mode) =>
    [{}, { invitation }, { ownerCode }].map((asks) => answer(doors(mode), asks, now)),
  )
  assert.deepEqual(seen, [
    ['active', 'active', 'active'],
    ['waiting', 'active', 'active'],
    ['account.invitation_needed', 'active', 'active'],
    ['account.sign_up_closed', 'active', 'active'],
  ])
})

test('nobody is let in a day before they are old enough', () => {
  const at = (birthDate: string) => answer(doors('open', 16), { birthDate }, now)
  assert.equal(at('2010-03-01'), 'active')
  assert.equal(at('2010-03-02'), 'account.too_young')
  assert.equal(at('2027-01-01'), 'account.too_young')
  assert.equal(answer(doors('open', 16), {}, now), 'account.birth_date_needed')
  assert.equal(ageAt('2008-02-29', now), 18)
  assert.equal(ageAt('2008-02-29', new Date('2026-02-28T23:59:59Z')), 17)
})
