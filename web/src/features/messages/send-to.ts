import { loadMessages } from './load-messages.ts'

/** The sheet that passes something on, for those who open it from elsewhere. */
export async function loadSendTo() {
  const [{ SendToSheet }] = await Promise.all([import('./send-to-sheet.tsx'), loadMessages()])
  return SendToSheet
}
