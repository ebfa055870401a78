/** What the service worker keeps for looking at without a connection may still have what is gone. */
export function forgetSaved(): void {
  tell({ type: 'gone' })
}

/** The same of one conversation: these messages of it, or all of it. */
export function forgetSaid(conversationId: string, sequences?: readonly number[]): void {
  tell({ type: 'unsaid', conversationId, sequences })
}

function tell(message: object): void {
  navigator.serviceWorker?.controller?.postMessage(message)
}
