import type { Me } from '@heliograph/contract/accounts'
import type { WhoMay } from '@heliograph/contract/interactions'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

const choices: readonly WhoMay[] = ['everyone', 'followers', 'following', 'nobody']
const kinds = ['allowComments', 'allowMentions', 'allowMessages'] as const

/** What others may do to one. */
export function Interactions({ user }: { user: Me }) {
  return (
    <>
      {kinds.map((kind) => (
        <Choice
          key={kind}
          label={w(`who.${kind}`)}
          hint={w(`who.${kind}.hint`)}
          value={user[kind]}
          options={choices.map((value) => ({ value, label: w(`who.${value}`) }))}
          onChange={(value) => void choosePreference({ [kind]: value })}
        />
      ))}
    </>
  )
}
