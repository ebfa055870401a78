import type { AdminAccountItem } from '@heliograph/contract/admin'
import { type AccountState, accountStates, type Role, roleRanks } from '@heliograph/contract/roles'
import { SearchX, UserCheck } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { TextField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Verified } from '../people/verified.tsx'
import { AdminFrame, Listed } from './admin-frame.tsx'
import { a } from './admin-words.ts'
import { Select } from './select.tsx'

const pauseMs = 200

interface Filter {
  state?: AccountState
  role?: Role
  prefix?: string
}

/** The filter stands in the address, so that going back shows the same list. */
export function AccountsPage() {
  const filter = readFilter(place.value.query)
  const [text, setText] = useState(filter.prefix ?? '')

  useEffect(() => {
    const prefix = text.trim()
    if (prefix === (filter.prefix ?? '')) return
    const timer = setTimeout(() => go({ ...filter, prefix }), pauseMs)
    return () => clearTimeout(timer)
  }, [text, place.value.query])

  return (
    <AdminFrame at="accounts">
      <search class="admin-filters">
        <TextField
          label={a('accounts.search')}
          type="search"
          autoCapitalize="none"
          value={text}
          onInput={setText}
        />
        <Select
          label={a('accounts.state')}
          value={filter.state ?? ''}
          options={[
            { value: '', label: a('accounts.any') },
            ...accountStates.map((state) => ({ value: state, label: a(`state.${state}`) })),
          ]}
          onChange={(state) => go({ ...filter, state: state as AccountState })}
        />
        <Select
          label={a('accounts.role')}
          value={filter.role ?? ''}
          options={[
            { value: '', label: a('accounts.any') },
            ...roleRanks.map((role) => ({ value: role, label: a(`role.${role}`) })),
          ]}
          onChange={(role) => go({ ...filter, role: role as Role })}
        />
      </search>
      <Found key={JSON.stringify(filter)} filter={filter} />
    </AdminFrame>
  )
}

function Found({ filter }: { filter: Filter }) {
  const list = keepPaginator(`admin-accounts ${JSON.stringify(filter)}`, () =>
    createPaginator(
      (cursor, signal) => call('GET /api/admin/accounts', { query: { cursor, ...filter }, signal }),
      (item: AdminAccountItem) => item.id,
    ),
  )
  return (
    <Listed
      list={list}
      empty={
        filter.state === 'waiting' && !filter.prefix ? (
          <Notice icon={UserCheck} title={a('accounts.waiting.none')} />
        ) : (
          <Notice icon={SearchX} title={a('accounts.none.title')}>
            {a('accounts.none.text')}
          </Notice>
        )
      }
    >
      <ul>
        {list.items.value.map((item) => (
          <AccountRow key={item.id} item={item} />
        ))}
      </ul>
    </Listed>
  )
}

function AccountRow({ item }: { item: AdminAccountItem }) {
  const role = roleRanks.findLast((one) => item.roles.includes(one))
  return (
    <li class="person">
      <a class="person-link" href={`/admin/accounts/${item.username}`}>
        <Avatar user={item} size={44} />
        <span class="person-names">
          <span class="person-name">
            {item.username}
            <Verified user={item} />
          </span>
          {item.fullName ? (
            <span class="quiet">
              <bdi>{item.fullName}</bdi>
            </span>
          ) : null}
        </span>
      </a>
      <span class="admin-marks">
        {role ? <span>{a(`role.${role}`)}</span> : null}
        {item.state === 'active' ? null : <span class="admin-bad">{a(`state.${item.state}`)}</span>}
      </span>
    </li>
  )
}

function readFilter(query: string): Filter {
  const given = new URLSearchParams(query)
  const state = accountStates.find((one) => one === given.get('state'))
  const role = roleRanks.find((one) => one === given.get('role'))
  const prefix = given.get('name')?.trim()
  return { ...(state && { state }), ...(role && { role }), ...(prefix && { prefix }) }
}

function go({ state, role, prefix }: Filter): void {
  const query = new URLSearchParams()
  if (prefix) query.set('name', prefix)
  if (state) query.set('state', state)
  if (role) query.set('role', role)
  const text = query.toString()
  navigate(`/admin/accounts${text ? `?${text}` : ''}`, { replace: true })
}
