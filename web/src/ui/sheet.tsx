import { signal } from '@preact/signals'
import { X } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import { IconButton } from './icon-button.tsx'
import './sheet.css'

/** How many lie over the page. What moves or sounds by itself is still meanwhile. */
export const openSheets = signal(0)

interface SheetProps {
  title: string
  onClose: () => void
  /** Beside the title, at its end. */
  action?: ComponentChildren
  /** Without the title line: it is only spoken. */
  bare?: boolean
  tall?: boolean
  /** Asked before closing by key, backdrop or cross; false keeps it open. */
  mayClose?: () => boolean | Promise<boolean>
  children: ComponentChildren
}

/**
 * From below on a phone, in the middle elsewhere. The browser's own modal dialog traps the focus, closes on
 * Escape and the phone's back gesture, and gives the focus back.
 */
export function Sheet({ title, onClose, action, bare, tall, mayClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  // With the drawing, and not after it: what is typed meanwhile would reach the page beneath.
  useLayoutEffect(() => {
    const opener = document.activeElement
    const element = dialog.current
    element?.showModal()
    openSheets.value++
    return () => {
      openSheets.value--
      // As long as it is open nothing outside can have the focus.
      element?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [])

  async function close(): Promise<void> {
    if (mayClose && !(await mayClose())) return
    onClose()
  }

  return (
    <dialog
      ref={dialog}
      class={`sheet${tall ? ' sheet-tall' : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== dialog.current) return
        event.preventDefault()
        void close()
      }}
      onClose={(event) => event.target === dialog.current && onClose()}
      onMouseDown={(event) => event.target === dialog.current && void close()}
    >
      <div class="sheet-inside">
        <header class={bare ? 'unseen' : 'sheet-head'}>
          {bare ? null : <IconButton icon={X} label={t('ui.close')} onClick={() => void close()} />}
          <h2 id={titleId}>{title}</h2>
          {bare ? null : <div class="sheet-action">{action}</div>}
        </header>
        <div class="sheet-body">{children}</div>
      </div>
    </dialog>
  )
}
