/** Codes with which the server closes a socket; 4000–4999 are ours. */
export const liveCloseCodes = {
  /** The server stops: connect again. */
  goingAway: 1001,
  /** Open for so long that who listens is asked anew: connect again. */
  askedAnew: 1012,
  /** The session is over: do not connect again with it. */
  sessionEnded: 4001,
  /** Too many sockets of one account, and this was the oldest: come back when somebody looks at it. */
  tooMany: 4003,
  /** It says more than is asked of it, or something else than is. */
  tooChatty: 4004,
} as const
