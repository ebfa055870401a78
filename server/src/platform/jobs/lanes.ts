/** fresh: what a person waits for; video: what a person waits for and takes minutes; default: what follows; bulk: back-fills and nightly work. */
export type Lane = 'fresh' | 'video' | 'default' | 'bulk'

export const lanes: readonly Lane[] = ['fresh', 'video', 'default', 'bulk']
