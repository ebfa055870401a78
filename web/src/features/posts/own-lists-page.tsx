import { Bookmark, Heart } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { Page } from '../../shell/page.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PostGrid } from './grid.tsx'
import { postsPaginator } from './posts-lists.ts'
import './posts-pages.css'

export function SavedPage() {
  const list = postsPaginator('saved', (cursor, signal) =>
    call('GET /api/me/saved', { query: { cursor }, signal }),
  )
  return (
    <Page title={t('saved.title')} back backTo="/" wide>
      <p class="list-note quiet">{t('saved.private')}</p>
      <PostGrid
        list={list}
        label={t('saved.title')}
        empty={
          <Notice icon={Bookmark} title={t('saved.empty.title')}>
            {t('saved.empty.text')}
          </Notice>
        }
      />
    </Page>
  )
}

export function LikesPage() {
  const list = postsPaginator('likes', (cursor, signal) =>
    call('GET /api/me/likes', { query: { cursor }, signal }),
  )
  return (
    <Page title={t('likes.title')} back backTo="/" wide>
      <PostGrid
        list={list}
        label={t('likes.title')}
        empty={
          <Notice icon={Heart} title={t('likes.empty.title')}>
            {t('likes.empty.text')}
          </Notice>
        }
      />
    </Page>
  )
}
