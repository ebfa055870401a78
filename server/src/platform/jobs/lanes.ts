/** fresh: what a person waits for; clip: what a person waits for and takes seconds of many processors; video: the same for minutes; push: what waits for servers of others; default: what follows; bulk: back-fills and nightly work. */
export type Lane = 'fresh' | 'clip' | 'video' | 'push' | 'default' | 'bulk'

export const lanes: readonly Lane[] = ['fresh', 'clip', 'video', 'push', 'default', 'bulk']
