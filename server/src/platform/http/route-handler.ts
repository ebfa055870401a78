import type { FastifyReply, FastifyRequest } from 'fastify'

/** Gives nothing when it has answered at once. */
export type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined
