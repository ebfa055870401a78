import { Eye, EyeOff } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { TextField } from '../../ui/field.tsx'
import { IconButton } from '../../ui/icon-button.tsx'

interface PasswordFieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  autoComplete: 'current-password' | 'new-password'
  hint?: string
  error?: string | undefined
  onBlur?: () => void
}

export function PasswordField(props: PasswordFieldProps) {
  const [open, setOpen] = useState(false)
  return (
    <TextField
      {...props}
      name="password"
      type={open ? 'text' : 'password'}
      autoCapitalize="none"
      end={
        <IconButton
          icon={open ? EyeOff : Eye}
          size={20}
          label={open ? t('auth.password.hide') : t('auth.password.show')}
          onClick={() => setOpen(!open)}
        />
      }
    />
  )
}
