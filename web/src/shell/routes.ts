import type { ComponentType } from 'preact'
import { HomePage } from '../features/feed/home-page.tsx'
import type { PageProps } from './page-props.ts'

export interface Route {
  readonly pattern: string
  /** Who may open it: everybody, those signed in, or only those who are not. */
  readonly for?: 'all' | 'signedIn' | 'signedOut'
  /** Without bars: a step that wants the whole screen. */
  readonly bare?: boolean
  load(): Promise<ComponentType<PageProps>>
}

/** Literal parts stand before parameters: the first that fits is taken. */
export const routes: readonly Route[] = [
  // Most visits begin here: its code comes with the shell instead of after it.
  { pattern: '/', load: () => Promise.resolve(HomePage) },
  {
    pattern: '/signin',
    for: 'signedOut',
    bare: true,
    load: () => import('../features/accounts/sign-in-page.tsx').then((page) => page.SignInPage),
  },
  { pattern: '/signup', for: 'signedOut', bare: true, load: () => loadSignUp() },
  { pattern: '/welcome', for: 'signedOut', bare: true, load: () => loadSignUp() },
  { pattern: '/waiting', for: 'signedOut', bare: true, load: () => loadRecover('WaitingPage') },
  { pattern: '/forgot', bare: true, load: () => loadRecover('ForgotPage') },
  { pattern: '/reset', bare: true, load: () => loadRecover('ResetPage') },
  { pattern: '/undo-email', bare: true, load: () => loadRecover('UndoEmailPage') },
  {
    pattern: '/share',
    for: 'signedIn',
    bare: true,
    load: async () => {
      const [page, { shareWords }, { editWords }] = await Promise.all([
        import('../features/share/share-page.tsx'),
        import('../features/share/share-words.ts'),
        import('../features/edit/edit-words.ts'),
      ])
      await Promise.all([shareWords.load(), editWords.load()])
      return page.SharePage
    },
  },
  {
    pattern: '/settings',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
  },
  {
    pattern: '/settings/account',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/account-page.tsx'), 'AccountPage'),
  },
  {
    pattern: '/settings/security',
    for: 'signedIn',
    load: async () => {
      const [page] = await Promise.all([
        loadSettings(() => import('../features/settings/security-page.tsx'), 'SecurityPage'),
        import('../features/settings/factors-words.ts').then(({ factorsWords }) => factorsWords.load()),
      ])
      return page
    },
  },
  {
    pattern: '/settings/invitations',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/invitations-page.tsx'), 'InvitationsPage'),
  },
  {
    pattern: '/settings/privacy',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/privacy-page.tsx'), 'PrivacyPage'),
  },
  {
    pattern: '/settings/preferences',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/preferences-page.tsx'), 'PreferencesPage'),
  },
  {
    pattern: '/settings/notifications',
    for: 'signedIn',
    load: () =>
      loadSettings(() => import('../features/settings/notifications-page.tsx'), 'NotificationsPage'),
  },
  {
    pattern: '/settings/verification',
    for: 'signedIn',
    async load() {
      const [{ VerificationPage }] = await Promise.all([
        import('../features/verification/verification-page.tsx'),
        loadVerificationWords(),
        import('../features/settings/settings-words.ts').then(({ settingsWords }) => settingsWords.load()),
      ])
      return VerificationPage
    },
  },
  {
    pattern: '/settings/blocked',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/people-pages.tsx'), 'BlockedPage'),
  },
  {
    pattern: '/settings/close-friends',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/close-friends-page.tsx'), 'CloseFriendsPage'),
  },
  {
    pattern: '/settings/restricted',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/people-pages.tsx'), 'RestrictedPage'),
  },
  {
    pattern: '/settings/hidden-words',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/hidden-words-page.tsx'), 'HiddenWordsPage'),
  },
  {
    pattern: '/settings/muted',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/people-pages.tsx'), 'MutedPage'),
  },
  {
    pattern: '/settings/stories',
    for: 'signedIn',
    load: () =>
      loadStorySettings(() => import('../features/settings/story-settings-page.tsx'), 'StorySettingsPage'),
  },
  {
    pattern: '/settings/story-archive',
    for: 'signedIn',
    load: () =>
      loadStorySettings(() => import('../features/settings/story-archive-page.tsx'), 'StoryArchivePage'),
  },
  {
    pattern: '/settings/personalisation',
    for: 'signedIn',
    load: () =>
      loadSettings(() => import('../features/settings/personalisation-page.tsx'), 'PersonalisationPage'),
  },
  {
    pattern: '/settings/personalisation/kept',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/kept-page.tsx'), 'KeptPage'),
  },
  {
    pattern: '/settings/your-data',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/your-data-page.tsx'), 'YourDataPage'),
  },
  {
    pattern: '/settings/favourites',
    for: 'signedIn',
    load: () => loadSettings(() => import('../features/settings/people-pages.tsx'), 'FavouritesPage'),
  },
  {
    pattern: '/verify-email',
    bare: true,
    load: () => loadSettings(() => import('../features/settings/verify-email-page.tsx'), 'VerifyEmailPage'),
  },
  {
    pattern: '/about',
    load: async () => {
      const [page, { aboutWords }] = await Promise.all([
        import('../features/about/about-page.tsx'),
        import('../features/about/about-words.ts'),
      ])
      await aboutWords.load()
      return page.AboutPage
    },
  },
  {
    pattern: '/moderation',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/moderation/queue-page.tsx'), 'QueuePage'),
  },
  {
    pattern: '/admin',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/overview-page.tsx'), 'OverviewPage'),
  },
  {
    pattern: '/admin/accounts',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/accounts-page.tsx'), 'AccountsPage'),
  },
  {
    pattern: '/admin/accounts/:username',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/account-page.tsx'), 'AccountPage'),
  },
  {
    pattern: '/admin/verification',
    for: 'signedIn',
    async load() {
      const [page] = await Promise.all([
        loadAdmin(() => import('../features/verification/verification-queue.tsx'), 'VerificationQueuePage'),
        loadVerificationWords(),
      ])
      return page
    },
  },
  {
    pattern: '/admin/invitations',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/invitations-page.tsx'), 'AdminInvitationsPage'),
  },
  {
    pattern: '/admin/log',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/log-page.tsx'), 'LogPage'),
  },
  {
    pattern: '/admin/server',
    for: 'signedIn',
    load: () => loadAdmin(() => import('../features/admin/instance-page.tsx'), 'InstancePage'),
  },
  {
    pattern: '/search',
    for: 'signedIn',
    load: () => import('../features/find/find-page.tsx').then((page) => page.FindPage),
  },
  {
    pattern: '/messages',
    for: 'signedIn',
    load: () => loadTalk(() => import('../features/messages/inbox-page.tsx'), 'InboxPage'),
  },
  {
    pattern: '/messages/requests',
    for: 'signedIn',
    load: () => loadTalk(() => import('../features/messages/inbox-page.tsx'), 'RequestsFolderPage'),
  },
  {
    pattern: '/messages/new',
    for: 'signedIn',
    load: () => loadTalk(() => import('../features/messages/new-page.tsx'), 'NewConversationPage'),
  },
  {
    pattern: '/messages/:id',
    for: 'signedIn',
    load: () => loadTalk(() => import('../features/messages/conversation-page.tsx'), 'ConversationPage'),
  },
  {
    pattern: '/messages/:id/details',
    for: 'signedIn',
    load: () => loadTalk(() => import('../features/messages/details-page.tsx'), 'DetailsPage'),
  },
  {
    pattern: '/stories/new',
    for: 'signedIn',
    bare: true,
    load: () => loadStories(() => import('../features/stories/new-story-page.tsx'), 'NewStoryPage'),
  },
  {
    pattern: '/stories/new/highlight',
    for: 'signedIn',
    bare: true,
    load: () => loadStories(() => import('../features/stories/highlight-page.tsx'), 'HighlightPage'),
  },
  {
    pattern: '/stories/:username',
    for: 'signedIn',
    load: () => loadStories(() => import('../features/stories/stories-page.tsx'), 'StoriesPage'),
  },
  {
    pattern: '/saved',
    for: 'signedIn',
    load: () => import('../features/posts/own-lists-page.tsx').then((page) => page.SavedPage),
  },
  {
    pattern: '/likes',
    for: 'signedIn',
    load: () => import('../features/posts/own-lists-page.tsx').then((page) => page.LikesPage),
  },
  {
    pattern: '/notifications',
    for: 'signedIn',
    load: async () => {
      const [page, { notificationWords }] = await Promise.all([
        import('../features/notifications/notifications-page.tsx'),
        import('../features/notifications/notification-words.ts'),
      ])
      await notificationWords.load()
      return page.NotificationsPage
    },
  },
  {
    pattern: '/requests',
    for: 'signedIn',
    load: () => import('../features/graph/requests-page.tsx').then((page) => page.RequestsPage),
  },
  { pattern: '/p/:id', load: () => import('../features/posts/post-page.tsx').then((page) => page.PostPage) },
  {
    pattern: '/tags/:tag',
    load: () => import('../features/posts/tag-page.tsx').then((page) => page.TagPage),
  },
  {
    pattern: '/:username',
    load: () => import('../features/profile/profile-page.tsx').then((page) => page.ProfilePage),
  },
  {
    pattern: '/:username/followers',
    load: () => import('../features/profile/people-page.tsx').then((page) => page.FollowersPage),
  },
  {
    pattern: '/:username/following',
    load: () => import('../features/profile/people-page.tsx').then((page) => page.FollowingPage),
  },
]

function loadVerificationWords(): Promise<void> {
  return import('../features/verification/verification-words.ts').then(({ verificationWords }) =>
    verificationWords.load(),
  )
}

async function loadDoor<Page>(load: () => Promise<Page>): Promise<Page> {
  const [page, { doorWords }] = await Promise.all([load(), import('../features/accounts/door-words.ts')])
  await doorWords.load()
  return page
}

async function loadSignUp() {
  return (await loadDoor(() => import('../features/accounts/sign-up-page.tsx'))).SignUpPage
}

async function loadRecover(name: 'ForgotPage' | 'ResetPage' | 'UndoEmailPage' | 'WaitingPage') {
  return (await loadDoor(() => import('../features/accounts/recover-pages.tsx')))[name]
}

/** The pages of the settings share their words. */
async function loadSettings<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<PageProps>>>,
  name: Name,
): Promise<ComponentType<PageProps>> {
  const [page, { settingsWords }] = await Promise.all([
    load(),
    import('../features/settings/settings-words.ts'),
  ])
  await settingsWords.load()
  return page[name]
}

/** The pages of Stories share words and styles. */
async function loadStories<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<PageProps>>>,
  name: Name,
): Promise<ComponentType<PageProps>> {
  const [page, { loadPages }] = await Promise.all([load(), import('../features/stories/stories-common.ts')])
  await loadPages()
  return page[name]
}

/** Pages of the settings that speak of Stories. */
async function loadStorySettings<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<PageProps>>>,
  name: Name,
): Promise<ComponentType<PageProps>> {
  const [page] = await Promise.all([loadSettings(load, name), loadStories(load, name)])
  return page
}

/** All pages that look after the server, reports among them. */
async function loadAdmin<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<PageProps>>>,
  name: Name,
): Promise<ComponentType<PageProps>> {
  const [page, common] = await Promise.all([load(), import('../features/admin/admin-common.ts')])
  await common.loadCommon()
  return page[name]
}

/** The pages of messages share words and styles. */
async function loadTalk<Name extends string>(
  load: () => Promise<Record<Name, ComponentType<PageProps>>>,
  name: Name,
): Promise<ComponentType<PageProps>> {
  const [page, { loadMessages }] = await Promise.all([
    load(),
    import('../features/messages/load-messages.ts'),
  ])
  await loadMessages()
  return page[name]
}
