import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxBytesOfRaw, textOfRaw } from '#platform/http/raw-json.ts'
import { createScores, scoreParts } from '../candidate-columns.ts'
import { ReasonMember } from './reason-json.ts'

test('what is sent of a reason is what was found, whatever people are called', () => {
  const part = fc.nat(1000).map((count) => count / 1000)
  const five = fc.tuple(part, part, part, part, part)
  fc.assert(
    fc.property(five, fc.string({ unit: 'grapheme' }), (figures, text) => {
      const scores = createScores(2)
      for (const [nth, name] of scoreParts.entries()) scores[name][1] = figures[nth]!
      const [relationship, interest, recency, quality, activity] = figures
      const reason = { parts: { relationship, interest, recency, quality, activity }, text }
      const member = new ReasonMember(scores, 1, Buffer.from(JSON.stringify(text)))
      const sent = textOfRaw(member)
      assert.ok(Buffer.byteLength(sent) <= maxBytesOfRaw(member))
      assert.deepEqual(JSON.parse(`{${sent}}`), { reason })
    }),
  )
})
