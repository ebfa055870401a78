import { type Role, roleRanks } from '@heliograph/contract/roles'
import { a } from './admin-words.ts'

export function roleText(roles: readonly Role[]): string {
  const names = roleRanks.filter((role) => roles.includes(role)).map((role) => a(`role.${role}`))
  return names.length > 0 ? names.join(', ') : a('role.none')
}
