import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { celebrity, drawFollows, obscureOf, readersOf, turnAround } from './feed-graph.ts'

const size = {
  people: 2000,
  follows: 60_000,
  readers: [
    { follows: 150, count: 6 },
    { follows: 500, count: 2 },
  ],
}
const graph = drawFollows(size, 1)
const turned = turnAround(graph)
const countOf = ({ starts }: { starts: Int32Array }, person: number) => starts[person + 1]! - starts[person]!

describe('the follows of a data set', () => {
  it('are as many as wanted, each once, nobody their own', () => {
    assert.equal(graph.follows, size.follows)
    for (let person = 0; person < size.people; person++) {
      const followed = graph.followees.subarray(graph.starts[person], graph.starts[person + 1])
      assert.equal(new Set(followed).size, followed.length)
      assert.ok(!followed.includes(person))
    }
  })

  it('give readers exactly their number, half of all to the celebrity, five to the obscure', () => {
    for (const { person, follows } of readersOf(size)) assert.equal(countOf(graph, person), follows)
    assert.equal(countOf(turned, celebrity), size.people / 2)
    assert.equal(countOf(turned, obscureOf(size)), 5)
  })

  it('are a power law: the best known tenth has most of the followers', () => {
    const counts = Array.from({ length: size.people }, (_, person) => countOf(turned, person))
    const known = counts.slice(1, size.people / 10).reduce((a, b) => a + b, 0)
    assert.ok(known > 0.4 * size.follows, String(known))
  })

  it('are the same from both sides, and for the same seed', () => {
    assert.deepEqual(turnAround(turned).followees, graph.followees)
    assert.deepEqual(drawFollows(size, 1).followees, graph.followees)
  })
})
