import type { Role } from './accounts.ts'

export type { Role }

/** From the lowest up. */
export const roleRanks: readonly Role[] = ['moderator', 'admin', 'owner']

/** Of the highest role; -1 without one. */
export function rankOf(roles: readonly Role[]): number {
  return Math.max(-1, ...roles.map((role) => roleRanks.indexOf(role)))
}

export const accountStates = ['waiting', 'active', 'deactivated', 'suspended', 'deleted'] as const
export type AccountState = (typeof accountStates)[number]
