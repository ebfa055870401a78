/** What the service worker keeps for looking at without a connection may still have what is gone. */
export function forgetSaved(): void {
  tellWorker({ type: 'gone' })
}

/** The same of one conversation: these messages of it, or all of it. */
export function forgetSaid(conversationId: string, sequences?: readonly number[]): void {
  tellWorker({ type: 'unsaid', conversationId, sequences })
}

/** Where there is none there is nothing kept. */
export function tellWorker(message: object): void {
  navigator.serviceWorker?.controller?.postMessage(message)
}
