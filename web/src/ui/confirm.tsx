import { signal } from '@preact/signals'
import { t } from '../lib/i18n.ts'
import { Button } from './button.tsx'
import { Sheet } from './sheet.tsx'
import './confirm.css'

interface Question {
  title: string
  text?: string
  /** What pressing the button does: "Delete", never "OK". */
  action: string
  danger?: boolean
}

const asked = signal<(Question & { answer(yes: boolean): void }) | undefined>(undefined)

/** Asks before something that cannot be taken back. */
export function confirmAction(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer(yes) {
        asked.value = undefined
        resolve(yes)
      },
    }
  })
}

export function ConfirmHost() {
  const question = asked.value
  if (!question) return null
  return (
    <Sheet title={question.title} onClose={() => question.answer(false)} bare>
      <div class="confirm">
        <p class="confirm-title" aria-hidden="true">
          {question.title}
        </p>
        {question.text ? <p class="quiet">{question.text}</p> : null}
        <div class="confirm-buttons">
          <Button kind={question.danger ? 'danger' : 'primary'} wide onClick={() => question.answer(true)}>
            {question.action}
          </Button>
          <Button kind="quiet" wide onClick={() => question.answer(false)}>
            {t('ui.cancel')}
          </Button>
        </div>
      </div>
    </Sheet>
  )
}
