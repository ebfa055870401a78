import { loadStyle } from '../../lib/lazy-style.ts'
import moderationSheet from '../moderation/moderation.css?url'
import { moderationWords } from '../moderation/moderation-words.ts'
import { reportWords } from '../moderation/report-words.ts'
import adminSheet from './admin.css?url'
import { adminWords } from './admin-words.ts'

/** What the pages that look after the server share: the log speaks of decisions too. */
export async function loadCommon(): Promise<void> {
  await Promise.all([
    adminWords.load(),
    moderationWords.load(),
    reportWords.load(),
    loadStyle(adminSheet),
    loadStyle(moderationSheet),
  ])
}
