import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFault } from './start-fault.mjs'

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {number}
 */
export function readPort(env) {
  const text = env.PORT?.trim() || '3000'
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new StartFault(
    `PORT is "${text}", which is no port: give a number from 1 to 65535, as in PORT=3001 npm start`,
  )
}

/**
 * Asks before anything slow begins. The server says the same should somebody take the port in between.
 *
 * @param {{ port: number, host: string | undefined, patienceMs: number }} options
 */
export async function ensurePortFree({ port, host, patienceMs }) {
  if (port === 0) return
  const end = Date.now() + patienceMs
  for (const address of host ? [host] : ['127.0.0.1', '::1']) {
    let code = await tryListen(port, address)
    while (code === 'EADDRINUSE' && Date.now() < end) {
      await sleep(250)
      code = await tryListen(port, address)
    }
    if (code) throw new StartFault(whyNot(code, port, address))
  }
}

/**
 * @param {string} code
 * @param {number} port
 * @param {string} address
 */
function whyNot(code, port, address) {
  const other = port < 65_535 ? port + 1 : port - 1
  if (code === 'EACCES') {
    return `Port ${port} may only be used by root. Choose one from 1024 on: PORT=3000 npm start`
  }
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program on this machine. Choose another one: PORT=${other} npm start`
  }
  return `Nothing can listen on ${address} (${code}): HOST has to be an address of this machine.`
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<string | undefined>} the error's code; a machine without IPv6 is no error
 */
function tryListen(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const lacksIpv6 = host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')
      resolve(lacksIpv6 ? undefined : (error.code ?? 'error'))
    })
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
