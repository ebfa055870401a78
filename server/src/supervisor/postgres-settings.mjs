import os from 'node:os'

/**
 * Settings for a machine that PostgreSQL shares with the server; given on the command line, so that no file in the data
 * folder has to be edited or merged.
 *
 * @param {{ socketDir: string, durable: boolean, settings?: Record<string, string> }} options
 * @returns {Record<string, string>}
 */
export function serverSettings({ socketDir, durable, settings = {} }) {
  const megabytes = Math.floor(os.totalmem() / 2 ** 20)
  const sharedBuffers = Math.max(64, Math.min(1024, Math.floor(megabytes / 8)))
  return {
    // The bundled OpenSSL is an old one: nothing but the private socket ever listens.
    listen_addresses: '',
    unix_socket_directories: `"${socketDir}"`,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: `${durable ? sharedBuffers : Math.min(sharedBuffers, 128)}MB`,
    effective_cache_size: `${Math.max(256, Math.floor(megabytes / 2))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    random_page_cost: '1.1',
    jit: 'off',
    wal_compression: 'on',
    max_wal_size: '1GB',
    TimeZone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    log_min_messages: 'warning',
    // Details of an error quote rows; people's addresses do not belong in a log.
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...settings,
  }
}

/** @param {Record<string, string>} settings */
export function settingArguments(settings) {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
