import { Interactions } from './interactions.tsx'
import { PrivateAccount } from './private-account.tsx'
import { PostsSeenBy, SelfSeenBy } from './seen-by.tsx'
import { SensitivePosts } from './sensitive-posts.tsx'
import { Row, Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** Who sees what of one, and what one sees of others. */
export function PrivacyPage() {
  return (
    <SettingsShell title={w('privacy')} at="/settings/privacy">
      {(user) => (
        <>
          <Section title={w('privacy.seen')}>
            <PrivateAccount user={user} />
            <PostsSeenBy user={user} />
          </Section>
          <Section title={w('seen.self')}>
            <SelfSeenBy user={user} />
          </Section>
          <Section title={w('who.title')}>
            <Interactions user={user} />
            <Row href="/settings/hidden-words">{w('words.title')}</Row>
          </Section>
          <Section title={w('stories')}>
            <Row href="/settings/stories">{w('stories.row')}</Row>
          </Section>
          <Section title={w('privacy.people')}>
            <Row href="/settings/blocked">{w('profile.blocked')}</Row>
            <Row href="/settings/restricted">{w('restricted.title')}</Row>
            <Row href="/settings/muted">{w('profile.muted')}</Row>
          </Section>
          <Section title={w('privacy.seeing')}>
            <SensitivePosts />
          </Section>
        </>
      )}
    </SettingsShell>
  )
}
