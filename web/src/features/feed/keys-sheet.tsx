import { Switch } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { w } from './feed-words.ts'
import { letterKeys, setLetterKeys } from './use-feed-keys.ts'
import './keys-sheet.css'

/** What can be done without a pointer, and how to turn the single letters off. */
export function KeysSheet({ onClose }: { onClose: () => void }) {
  return (
    <Sheet title={w('keys.title')} onClose={onClose}>
      <dl class="keys">
        <Line keys={['J']} what={w('keys.next')} />
        <Line keys={['K']} what={w('keys.previous')} />
        <Line keys={[w('keys.pageDown'), w('keys.pageUp')]} what={w('keys.page')} />
        <Line keys={['R']} what={w('keys.refresh')} />
        <Line keys={['?']} what={w('keys.explain')} />
      </dl>
      <div class="keys-letters">
        <Switch
          label={w('keys.letters')}
          hint={w('keys.letters.hint')}
          checked={letterKeys.value}
          onChange={setLetterKeys}
        />
      </div>
    </Sheet>
  )
}

function Line({ keys, what }: { keys: readonly string[]; what: string }) {
  return (
    <div class="keys-line">
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </div>
  )
}
