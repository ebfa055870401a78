import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RankedPosition, readPosition, unwritten, withPassed, writePosition } from './feed-position.ts'

test('where a feed goes on says what was passed, on its way and behind its order', () => {
  for (const passed of ['nothing', 'others', 'news', 'mark'] as const) {
    const positions: RankedPosition[] = [
      { stage: 'shown', snapshotId: '6000', until: '9000', shown: ['8000', '8001'], passed },
      { stage: 'snapshot', snapshotId: '6000', place: 20, passed },
      { stage: 'older', before: '7000', snapshotId: '6000', passed },
      { stage: 'older', before: '7000', snapshotId: null, passed },
    ]
    for (const position of positions) {
      assert.deepEqual(readPosition(writePosition(position)), position)
      if (position.stage !== 'shown')
        assert.deepEqual(
          readPosition(withPassed(writePosition({ ...position, passed: 'nothing' }), passed)),
          position,
        )
    }
  }
  assert.deepEqual(withPassed(unwritten, 'news'), unwritten, 'a first page writes it down itself')
})
