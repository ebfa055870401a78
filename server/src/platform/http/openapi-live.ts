import type { JsonSchema, OpenApi } from './openapi.ts'

/** A websocket has no place in OpenAPI of its own: described as the request that opens it. */
export function livePath(event: JsonSchema, problem: JsonSchema): OpenApi['paths'] {
  return {
    '/api/live': {
      get: {
        tags: ['Live'],
        summary: 'Open a websocket that tells what changes.',
        description:
          'Each message is one event as JSON, `hello` first. An event is a hint to read again over REST: a lost one loses nothing, so after connecting again read what is shown. Close codes: 4001 the session has ended, 4002 too slow, 4003 too many connections of the account, 4004 too many messages, 1001 the server stops.',
        operationId: 'GET_api_live',
        security: [{ bearer: [] }, { cookie: [] }],
        parameters: [],
        responses: {
          101: { description: 'Open; the messages are:', content: { 'application/json': { schema: event } } },
          400: {
            description: '`request.invalid`: the request opens no websocket.',
            content: { 'application/problem+json': { schema: problem } },
          },
          401: {
            description: '`auth.required`, `auth.invalid`',
            content: { 'application/problem+json': { schema: problem } },
          },
        },
      },
    },
  }
}
