import type { UserListItem } from '@heliograph/contract/accounts'
import type { Id, Page } from '@heliograph/contract/common'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'
import { usePresent } from '../../lib/present.ts'
import { putUser, userSignal } from '../../lib/store.ts'
import { ListEnd } from '../../ui/list-end.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { PersonRow } from './person-row.tsx'

export type LoadPeople = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<UserListItem>>

/** The ids of a list of people; the people themselves are in the store. */
export function peoplePaginator(key: string, load: LoadPeople): Paginator<Id> {
  return keepPaginator(key, () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await load(cursor, signal)
        return { ...page, items: page.items.map(putUser) }
      },
      (id: Id) => id,
    ),
  )
}

interface PeopleListProps {
  list: Paginator<Id>
  empty: ComponentChildren
  endOf?: (id: Id) => ComponentChildren
  noteOf?: (id: Id) => string | undefined
  /** Those whom the page shows already. */
  without?: readonly Id[]
  onFollow?: () => void
  label: string
}

export function PeopleList({ list, empty, endOf, noteOf, without, onFollow, label }: PeopleListProps) {
  useEffect(() => void list.refresh(), [list])
  const all = usePresent(list.items, userSignal)
  const present = without ? all.filter((id) => !without.includes(id)) : all
  if (!list.started.value) {
    if (list.status.value === 'error') {
      return <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
    }
    return <SkeletonPeople />
  }
  if (present.length === 0 && list.status.value === 'done') return <>{empty}</>
  return (
    <>
      <ul class="people" aria-label={label}>
        {present.map((id) => (
          <PersonRow
            key={id}
            id={id}
            end={endOf?.(id)}
            note={noteOf?.(id)}
            {...(onFollow ? { onFollow } : {})}
          />
        ))}
      </ul>
      <ListEnd list={list} />
    </>
  )
}
