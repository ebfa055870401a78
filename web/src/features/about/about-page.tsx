import type { Instance } from '@heliograph/contract/admin'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale, t } from '../../lib/i18n.ts'
import { Page } from '../../shell/page.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { RichText } from '../../ui/rich-text.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { b } from './about-words.ts'
import './about.css'

/** What whoever thinks of joining, or of complaining, has to know. */
export function AboutPage() {
  const [instance, setInstance] = useState<Instance>()
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/instance').then(setInstance, setProblem)
  }
  useEffect(() => void read(), [])

  return (
    <Page title={b('title')} back backTo="/">
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {instance || problem ? null : (
        <div role="status" aria-label={t('ui.loading')}>
          <SkeletonPeople rows={4} />
        </div>
      )}
      {instance ? <Facts of={instance} /> : null}
    </Page>
  )
}

function Facts({ of: instance }: { of: Instance }) {
  const { rules, languages, minimumAge, sourceUrl } = instance
  return (
    <div class="about">
      <section>
        <h2 class="about-name">{instance.name}</h2>
        {instance.description ? <Prose text={instance.description} /> : null}
      </section>
      <Part title={b('rules')}>
        {rules.length > 0 ? (
          <ol class="about-rules">
            {rules.map((rule) => (
              <li key={rule}>
                <bdi>{rule}</bdi>
              </li>
            ))}
          </ol>
        ) : (
          <p class="quiet">{b('rules.none')}</p>
        )}
      </Part>
      <Part title={b('joining')}>
        <p>{b(`joining.${instance.signUp}`)}</p>
        {minimumAge > 0 ? <p>{b('joining.age', { age: minimumAge })}</p> : null}
      </Part>
      <Part title={b('contact')}>
        {instance.contact ? <Contact text={instance.contact} /> : <p class="quiet">{b('contact.none')}</p>}
      </Part>
      {languages.length > 0 ? (
        <Part title={b('languages')}>
          <p>{languages.map(nameOf).join(', ')}</p>
        </Part>
      ) : null}
      {instance.terms ? (
        <Part title={b('terms')}>
          <Prose text={instance.terms} />
        </Part>
      ) : null}
      <Part title={b('software')}>
        <p>{b('software.version', { version: instance.version })}</p>
        {sourceUrl ? (
          <p>
            <a class="text-link about-link" href={sourceUrl} target="_blank" rel="noopener noreferrer">
              {b('software.source')}
            </a>
          </p>
        ) : (
          <p class="quiet">{b('software.ask')}</p>
        )}
      </Part>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Prose({ text }: { text: string }) {
  return (
    <p class="about-prose">
      <RichText text={text} entities={[]} />
    </p>
  )
}

function Contact({ text }: { text: string }) {
  const isEmail = /^[^\s@/]+@[^\s@/]+$/.test(text)
  return (
    <p class="about-prose">
      {isEmail ? (
        <a class="text-link about-link" href={`mailto:${encodeURIComponent(text)}`}>
          {text}
        </a>
      ) : (
        <RichText text={text} entities={[]} />
      )}
    </p>
  )
}

/** In the language of the page; as it is written where the browser has no name for it. */
function nameOf(language: string): string {
  try {
    return new Intl.DisplayNames([dateLocale()], { type: 'language' }).of(language) ?? language
  } catch {
    return language
  }
}
