/** fresh: what a person waits for; clip: what a person waits for and takes seconds of many processors; video: the same for minutes; default: what follows; bulk: back-fills and nightly work. */
export type Lane = 'fresh' | 'clip' | 'video' | 'default' | 'bulk'

export const lanes: readonly Lane[] = ['fresh', 'clip', 'video', 'default', 'bulk']
