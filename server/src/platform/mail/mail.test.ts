import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '#platform/telemetry/log.ts'
import { createMailer, deleteKeptMails, listKeptMails } from './mail.ts'

const log = createLog({ level: 'silent' })
const mail = { to: 'ada@example.com', subject: 'Grüße', text: 'Line one\n.\nLine three\n' }

test('without SMTP mails are kept for their reader alone, and listed oldest first', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'heliograph-mail-')), 'mail')
  let now = Date.UTC(2026, 0, 1)
  const mailer = createMailer({ smtpUrl: null, from: 'x', folder, log, now: () => now })
  assert.deepEqual(await listKeptMails(folder), [])
  await mailer.send(mail)
  now += 1000
  await mailer.send({ ...mail, to: 'bob@example.com' })
  const kept = await listKeptMails(folder)
  assert.deepEqual(
    kept.map(({ to }) => to),
    ['ada@example.com', 'bob@example.com'],
  )
  assert.deepEqual(kept[0], { ...mail, sentAt: '2026-01-01T00:00:00.000Z' })
  for (const name of await readdir(folder)) {
    assert.doesNotMatch(name, /ada|bob/)
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600)
  }
  await writeFile(join(folder, '2025-12-31T23-59-59.999Z-0a0b0c0d.draft'), 'left by somebody who was killed')
  assert.equal(await deleteKeptMails(folder, new Date(now)), 2, 'none is kept for ever')
  assert.deepEqual(
    (await listKeptMails(folder)).map(({ to }) => to),
    ['bob@example.com'],
  )
  await rm(folder, { recursive: true })
  assert.equal(await deleteKeptMails(folder, new Date(now)), 0)
})

test('a line break in an address or a subject starts no new header', async () => {
  const mailer = createMailer({ smtpUrl: null, from: 'x', folder: '/nowhere', log })
  await assert.rejects(mailer.send({ ...mail, subject: 'Hi\r\nBcc: all@example.com' }), TypeError)
  await assert.rejects(mailer.send({ ...mail, to: 'a@example.com\nBcc: b@example.com' }), TypeError)
})

test('with SMTP the mail is handed to the server, and to one receiver', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    let inData = false
    socket.write('220 test\r\n')
    socket.on('data', (chunk) => {
      for (const line of String(chunk).split('\r\n').slice(0, -1)) {
        heard.push(line)
        if (inData && line !== '.') continue
        inData = line === 'DATA'
        socket.write(inData ? '354 go\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const smtpUrl = `smtp://127.0.0.1:${port}?ignoreTLS=true`
  const mailer = createMailer({ smtpUrl, from: 'Heliograph <no-reply@example.com>', folder: '/nowhere', log })
  await mailer.send({ ...mail, to: 'ada@example.com, bob@example.com' }).catch(() => {})
  assert.ok(!heard.includes('RCPT TO:<bob@example.com>'))
  await mailer.send(mail)
  await mailer.close()
  server.close()
  assert.ok(heard.includes('MAIL FROM:<no-reply@example.com>'))
  assert.ok(heard.includes('RCPT TO:<ada@example.com>'))
  assert.ok(heard.includes('Line three'))
})
