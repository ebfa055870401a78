import type { LucideIcon } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { t } from '../lib/i18n.ts'
import { Icon } from './icon.tsx'
import { Sheet } from './sheet.tsx'
import './menu.css'

/** Something a person can do: one object feeds menus, buttons and keys alike. */
export interface Action {
  readonly id: string
  readonly label: string
  readonly icon: LucideIcon
  readonly danger?: boolean
  perform(): unknown
}

interface MenuProps {
  title: string
  actions: readonly Action[]
  /** Above them. */
  head?: ComponentChildren
  /** With what was chosen, if anything was. */
  onClose: (chosen?: Action) => void
}

/** The menu closes before the action runs, so that what the action opens gets the focus. */
export function Menu({ title, actions, head, onClose }: MenuProps) {
  return (
    <Sheet title={title} onClose={() => onClose()} bare>
      {head}
      <ul class="menu">
        {actions.map((action) => (
          <li key={action.id}>
            <button
              type="button"
              class={`menu-item${action.danger ? ' menu-danger' : ''}`}
              onClick={() => {
                onClose(action)
                // Drawn by then, and still in the same task: no key can come in between.
                queueMicrotask(() => action.perform())
              }}
            >
              <Icon of={action.icon} size={22} />
              {action.label}
            </button>
          </li>
        ))}
        <li class="menu-last">
          <button type="button" class="menu-item menu-cancel" onClick={() => onClose()}>
            {t('ui.cancel')}
          </button>
        </li>
      </ul>
    </Sheet>
  )
}
