import { connect } from './postgres-database.mjs'
import { StartFault } from './start-fault.mjs'

const OLDEST = 15

/**
 * Tries DATABASE_URL before the server does, to say in one sentence what is wrong with it. The password is in none of them.
 *
 * @param {string} url
 */
export async function checkDatabaseUrl(url) {
  const place = describePlace(url)
  let client
  try {
    client = await connect(url)
  } catch (error) {
    throw new StartFault(`DATABASE_URL: ${whyNot(place, /** @type {NodeJS.ErrnoException} */ (error))}`)
  }
  try {
    const { rows } = await client.query('show server_version_num')
    const major = Math.floor(Number(rows[0]?.server_version_num) / 10_000)
    if (major < OLDEST) {
      throw new StartFault(
        `DATABASE_URL: ${place.server} is PostgreSQL ${major}; Heliograph needs ${OLDEST} or newer.`,
      )
    }
  } finally {
    await client.end()
  }
}

/** @param {string} url */
function describePlace(url) {
  const example = 'postgres://user:password@host:5432/database'
  let parsed
  try {
    parsed = new URL(url.replace('@/', '@localhost/'))
  } catch {
    throw new StartFault(`DATABASE_URL is no address. It has to look like ${example}`)
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StartFault(`DATABASE_URL begins with "${parsed.protocol}". It has to look like ${example}`)
  }
  const host = parsed.searchParams.get('host') ?? decodeURIComponent(parsed.hostname)
  const server = host.startsWith('/')
    ? `the server at socket folder ${host}`
    : `${host}:${parsed.port || 5432}`
  return {
    server,
    user: decodeURIComponent(parsed.username) || 'the default user',
    database: decodeURIComponent(parsed.pathname.slice(1)) || 'the default database',
  }
}

/**
 * @param {{ server: string, user: string, database: string }} place
 * @param {NodeJS.ErrnoException} error
 */
function whyNot({ server, user, database }, error) {
  const code =
    error.code ?? /** @type {{ errors?: NodeJS.ErrnoException[] }} */ (error).errors?.[0]?.code ?? ''
  switch (code) {
    case '28P01':
    case '28000':
      return `${server} refuses the user "${user}". Check the user's name and password.`
    case '3D000':
      return `there is no database "${database}" on ${server}. Create it: createdb ${database}`
    case '42501':
      return `"${user}" may not connect to "${database}" on ${server}. Grant it: grant connect on database …`
    case '53300':
      return `${server} has no free connection. Raise max_connections there.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${server} is not known. Check the host.`
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing answers at ${server}. Check host and port, and that PostgreSQL runs there.`
    default:
      if (/timeout/i.test(error.message)) return `${server} does not answer. Check host, port and firewall.`
      return `no connection to ${server} (${code || error.message}).`
  }
}
