import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idealOf, ndcg, recall } from './ranking-metrics.ts'

const near = (value: number, wanted: number) => assert.ok(Math.abs(value - wanted) < 1e-4, `${value}`)

describe('NDCG', () => {
  it('is what the textbook example says', () => {
    // Järvelin and Kekäläinen's measure on gains 3, 2, 3, 0, 1, 2: DCG 6.861, ideal 7.141 (3, 3, 2, 2, 1, 0).
    const gains = [3, 2, 3, 0, 1, 2]
    near(ndcg(gains, idealOf(gains), 6), 0.9608)
  })

  it('is 1 for the best order, less for another, and for nothing to be had 1', () => {
    assert.equal(ndcg([3, 2, 1], idealOf([1, 2, 3]), 3), 1)
    assert.ok(ndcg([1, 2, 3], idealOf([1, 2, 3]), 3) < 1)
    assert.equal(ndcg([0, 0], idealOf([0, 0]), 2), 1)
    assert.equal(ndcg([], idealOf([]), 20), 1)
  })

  it('sees what was left out behind the first places', () => {
    near(ndcg([1, 1, 9], idealOf([1, 1, 9]), 2), (1 + 1 / Math.log2(3)) / (9 + 1 / Math.log2(3)))
  })
})

describe('recall', () => {
  it('is the share of the best that was shown', () => {
    const ideal = idealOf([0.1, 0.9, 0.5, 0.8])
    assert.equal(recall([0.9, 0.8, 0.1, 0.5], ideal, 2), 1)
    assert.equal(recall([0.9, 0.1, 0.8, 0.5], ideal, 2), 0.5)
    assert.equal(recall([0.1, 0.5, 0.9, 0.8], ideal, 2), 0)
    assert.equal(recall([], idealOf([]), 20), 1)
  })

  it('never counts more than there are', () => {
    assert.equal(recall([0.5, 0.5], idealOf([0.5, 0.5]), 20), 1)
  })
})
