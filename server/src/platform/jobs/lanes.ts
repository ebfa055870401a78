/** fresh: what a person waits for; default: what follows; bulk: back-fills and nightly work. */
export type Lane = 'fresh' | 'default' | 'bulk'

export const lanes: readonly Lane[] = ['fresh', 'default', 'bulk']
