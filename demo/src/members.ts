import type { Client } from '@heliograph/client'
import type { Person } from './people.ts'

/** Somebody of the demo who has signed up. */
export interface Member {
  person: Person
  client: Client
}

/** A post of theirs. */
export interface Shared {
  id: string
  author: Member
}
