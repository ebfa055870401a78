import { loadStyle } from '../../lib/lazy-style.ts'
import sheet from './messages.css?url'
import { messagesWords } from './messages-words.ts'

/** What all of it needs besides code: words and styles. */
export async function loadMessages(): Promise<void> {
  await Promise.all([messagesWords.load(), loadStyle(sheet)])
}
