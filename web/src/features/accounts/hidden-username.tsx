import { me } from '../../lib/session.ts'

/** Password managers look for the name that a password belongs to. */
export function HiddenUsername() {
  return (
    <input
      type="text"
      name="username"
      autocomplete="username"
      value={me.value?.username ?? ''}
      hidden
      readOnly
    />
  )
}
