import type { Me } from '@heliograph/contract/accounts'
import { ChevronRight } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { Icon } from '../../ui/icon.tsx'
import { EditProfileSheet } from '../profile/edit-profile-sheet.tsx'
import { w } from './settings-words.ts'

export function EditProfile({ user }: { user: Me }) {
  const [editing, setEditing] = useState(false)
  return (
    <>
      <button type="button" class="settings-row" onClick={() => setEditing(true)}>
        {w('profile.edit')}
        <Icon of={ChevronRight} size={20} />
      </button>
      {editing ? <EditProfileSheet user={user} onClose={() => setEditing(false)} /> : null}
    </>
  )
}
