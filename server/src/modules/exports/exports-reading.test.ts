import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExportedSaying } from '#modules/accounts'
import { writeTalks } from './exports-reading.ts'

const of = { username: 'ada', language: 'de', timeZone: 'Asia/Kathmandu' } as const
const begun = Date.UTC(2026, 10, 1, 23)

async function write(count: number, about: Partial<ExportedSaying> = {}) {
  async function* sayings() {
    for (let at = count; at > 0; at--)
      yield {
        ...{
          at: new Date(begun + at * 60_000),
          from: 'ben',
          isOwn: false,
          text: `Wort ${at}.`,
          media: [],
          notes: [],
        },
        ...about,
      }
  }
  async function* talks() {
    yield { title: '', people: [], async *sayings() {} }
    yield { title: '<b>Hafen</b>', people: ['ben'], sayings }
  }
  const files = new Map<string, string>()
  const to = {
    add: async (name: string, text: Iterable<string>) => void files.set(name, [...text].join('')),
    namesOf: async () => new Map(),
  }
  return { files, listed: await writeTalks(to, of, talks()) }
}

test('of a long conversation no message is lost or doubled between its pages, and each leads to the next', async () => {
  const { files, listed } = await write(401)
  assert.deepEqual([...files.keys()], ['messages-2.html', 'messages-2-2.html', 'messages-2-3.html'])
  const words = [...files.values()].map((page) =>
    [...page.matchAll(/Wort (\d+)\./g)].map(([, at]) => Number(at)),
  )
  assert.deepEqual(
    words.toReversed().flat(),
    Array.from({ length: 401 }, (_, at) => at + 1),
  )
  const links = [...files.values()].map((page) =>
    [...page.matchAll(/href="(messages[^"]+)"/g)].map(([, to]) => to),
  )
  assert.deepEqual(links, [
    ['messages-2-2.html'],
    ['messages-2-3.html', 'messages-2.html'],
    ['messages-2-2.html'],
  ])
  const [talk] = listed
  assert.deepEqual(
    [listed.length, talk?.file, talk?.count, talk?.first, talk?.last],
    [1, 'messages-2.html', 401, new Date(begun + 60_000), new Date(begun + 401 * 60_000)],
  )
})

test('what somebody wrote is never markup, and times are those of the person’s clock', async () => {
  const foul = '<img src=x onerror=alert(1)>'
  const note = { en: foul, de: foul }
  const { files } = await write(1, { text: foul, from: foul, notes: [note] })
  const page = files.get('messages-2.html')!
  assert.ok(!page.includes('<img') && !page.includes('<b>Hafen'))
  assert.match(page, /2\. November 2026 um 04:46/)
})
