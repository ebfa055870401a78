import type { JsonSchema, OpenApi } from './openapi-types.ts'

/** A websocket has no place in OpenAPI of its own: described as the request that opens it. */
export function livePath(message: JsonSchema, problem: JsonSchema): OpenApi['paths'] {
  return {
    '/api/live': {
      get: {
        tags: ['Live'],
        summary: 'Open a websocket that tells what changes.',
        description:
          'Each message is one event as JSON, `hello` first. An event is a hint to read again over REST: a lost one loses nothing. Who connects again hands back the last `id` as `after`, and gets after `hello` what was missed or, where that is no longer known, one `resync`: read again what is shown. A slow client gets `resync` too. The only thing to say is `{"type":"ping"}`, answered by `pong`. Close codes: 4001 the session has ended, 4003 too many connections of the account, 4004 said too much, 1012 open for long: connect again, 1001 the server stops.',
        operationId: 'GET_api_live',
        security: [{ bearer: [] }, { cookie: [] }],
        parameters: [
          {
            name: 'after',
            in: 'query',
            required: false,
            description: 'The last `id` that was received; one that is not known counts as very old.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          101: {
            description: 'Open; the messages are:',
            content: { 'application/json': { schema: message } },
          },
          400: {
            description: '`request.invalid`: the request opens no websocket.',
            content: { 'application/problem+json': { schema: problem } },
          },
          429: {
            description: '`rate.limited`: too many connections from one address, or tries.',
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
