import { moderationWords } from '../moderation/moderation-words.ts'
import { reportWords } from '../moderation/report-words.ts'
import { adminWords } from './admin-words.ts'

/** The log speaks of decisions too, so the pages share their words. */
export async function loadAll(): Promise<void> {
  await Promise.all([adminWords.load(), moderationWords.load(), reportWords.load()])
}
