/** What is known of the software that asks. */
export interface Client {
  userAgent: string
  address: string
  language: 'en' | 'de'
  /** A browser, which gets its session as a cookie. */
  keepsCookies: boolean
  /** What it keeps between sessions, if it does. */
  device: string | null
  /** Of the page that asks, or the one under which people reach this server: what passkeys are bound to. */
  origin: string
}
