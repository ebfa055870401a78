import { KeyRound, ShieldCheck } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import type { Paginator } from '../../lib/paging.ts'
import { administers, me, moderates } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { countCases, waiting } from '../moderation/cases-waiting.ts'
import { a } from './admin-words.ts'

const parts = [
  { id: 'overview', href: '/admin' },
  { id: 'reports', href: '/moderation', waits: 'reports' },
  { id: 'accounts', href: '/admin/accounts', waits: 'signUps' },
  { id: 'verification', href: '/admin/verification', admins: true, waits: 'verifications' },
  { id: 'log', href: '/admin/log' },
  { id: 'server', href: '/admin/server', admins: true },
] as const
export type AdminPart = (typeof parts)[number]['id']

interface FrameProps {
  at: AdminPart
  title?: string
  backTo?: string
  children: ComponentChildren
}

/** One navigation for all that looks after the server, whatever room it comes from. */
export function AdminFrame({ at, title = a('title'), backTo = '/settings', children }: FrameProps) {
  const shown = parts.filter((part) => !('admins' in part) || administers.value)
  const isTheirs = shown.some(({ id }) => id === at)
  const isModerator = moderates.value
  useEffect(() => void countCases(), [])
  return (
    <Page title={title} back backTo={backTo} wide>
      {isModerator ? (
        <>
          <nav class="admin-tabs" aria-label={a('parts')}>
            {shown.map((part) => {
              const count = 'waits' in part ? waiting.value[part.waits] : 0
              return (
                <a key={part.id} href={part.href} aria-current={part.id === at ? 'page' : undefined}>
                  {a(`part.${part.id}`)}
                  {count > 0 ? <span class="admin-count">{count}</span> : null}
                </a>
              )
            })}
          </nav>
          {me.value?.rolesRest ? <RolesRest /> : isTheirs ? children : <ForAdmins />}
        </>
      ) : (
        <ForRoles />
      )}
    </Page>
  )
}

function ForRoles() {
  return (
    <Notice icon={ShieldCheck} title={a('none.title')}>
      {a('none.text')}
    </Notice>
  )
}

function RolesRest() {
  return (
    <Notice
      icon={KeyRound}
      title={a('rests.title')}
      action={
        <Button kind="primary" href="/settings/security">
          {a('rests.go')}
        </Button>
      }
    >
      {a('rests.text')}
    </Notice>
  )
}

function ForAdmins() {
  return (
    <Notice icon={ShieldCheck} title={a('admins.title')}>
      {a('admins.text')}
    </Notice>
  )
}

interface ListedProps<T> {
  list: Paginator<T>
  empty: ComponentChildren
  children: ComponentChildren
}

/** The states of a list. */
export function Listed<T>({ list, empty, children }: ListedProps<T>) {
  useEffect(() => void list.refresh(), [list])
  if (!list.started.value) {
    if (isProblem(list.problem.value, 'request.not_found')) return <ForRoles />
    if (list.status.value === 'error')
      return <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
    return <Loading />
  }
  if (list.items.value.length === 0 && list.status.value === 'done') return <>{empty}</>
  return (
    <>
      {children}
      <ListEnd list={list} />
    </>
  )
}

export function Loading() {
  return (
    <div role="status" aria-label={t('ui.loading')}>
      <SkeletonPeople rows={4} />
    </div>
  )
}

export function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="admin-group">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** A name and what is so of it; with an address it leads there. */
export function Fact({
  name,
  hint,
  href,
  children,
}: {
  name: string
  hint?: string | undefined
  href?: string
  children: ComponentChildren
}) {
  const inside = (
    <>
      <span>
        {name}
        {hint ? <span class="admin-hint">{hint}</span> : null}
      </span>
      <span class="admin-value">{children}</span>
    </>
  )
  return href ? (
    <a class="admin-row" href={href}>
      {inside}
    </a>
  ) : (
    <div class="admin-row">{inside}</div>
  )
}
