import type { ApiResponse, JsonSchema, OpenApi, Operation, Parameter } from './openapi-types.ts'

const tag = 'Uploads'
const text: JsonSchema = { type: 'string' }
const bytes: JsonSchema = { type: 'integer', minimum: 0 }

function header(name: string, description: string, schema: JsonSchema = text, required = true): Parameter {
  return { name, in: 'header', required, description, schema }
}

const version = header('Tus-Resumable', 'Always 1.0.0.', { const: '1.0.0' })
const uploadId: Parameter = { name: 'uploadId', in: 'path', required: true, schema: text }
const protocol = '`upload.protocol`, `request.invalid`: a header is missing, or is not as tus wants it.'
const security: Record<string, string[]>[] = [{ bearer: [] }, { cookie: [] }]

/** Uploads speak tus 1.0, whose messages are headers and bytes: described by hand, as no JSON shape can. */
export function tusPaths(problem: JsonSchema): OpenApi['paths'] {
  const refused = (description: string): ApiResponse => ({
    description,
    content: { 'application/problem+json': { schema: problem } },
  })
  return {
    '/api/uploads': { post: createOperation(refused) },
    '/api/uploads/{uploadId}': { head: askOperation(refused), patch: sendOperation(refused) },
  }
}

type Refused = (description: string) => ApiResponse

function createOperation(refused: Refused): Operation {
  return {
    tags: [tag],
    summary: 'Begin an upload (tus 1.0).',
    description:
      'Any tus 1.0 client can send files. The last part of `Location` is the `uploadId` that other requests name. An upload that nothing uses is removed after 24 hours.',
    operationId: 'POST_api_uploads',
    security,
    parameters: [
      version,
      header('Upload-Length', 'Bytes of the whole file.', bytes),
      header(
        'Upload-Metadata',
        'Pairs of name and base64 value; `purpose` is `media` (default), `avatar`, `captions`, `evidence`, `story`, `message` or `voice`; `sha256` (64 hexadecimal digits) is what the whole file is, and is compared when the last byte has come. A file name is not kept.',
        text,
        false,
      ),
    ],
    responses: {
      201: {
        description: 'Begun.',
        headers: { Location: { description: 'Where the bytes go.', schema: text } },
      },
      400: refused(protocol),
      401: refused('`auth.required`, `auth.invalid`'),
      403: refused('`account.email_unverified`'),
      412: refused('`upload.version`'),
      413: refused('`upload.too_large`, `upload.quota`, `upload.account_full`'),
      507: refused('`server.storage_full`'),
    },
  }
}

function askOperation(refused: Refused): Operation {
  return {
    tags: [tag],
    summary: 'Ask how much of an upload has arrived.',
    operationId: 'HEAD_api_uploads_uploadId',
    security,
    parameters: [uploadId, version],
    responses: {
      200: {
        description: 'The bytes up to Upload-Offset are durable.',
        headers: {
          'Upload-Offset': { description: 'Bytes that have arrived.', schema: bytes },
          'Upload-Length': { description: 'Bytes of the whole file.', schema: bytes },
        },
      },
      400: refused(protocol),
      401: refused('`auth.required`, `auth.invalid`'),
      404: refused('`upload.not_found`'),
      410: refused('`upload.expired`'),
      412: refused('`upload.version`'),
    },
  }
}

function sendOperation(refused: Refused): Operation {
  return {
    tags: [tag],
    summary: 'Send the next bytes.',
    operationId: 'PATCH_api_uploads_uploadId',
    security,
    parameters: [
      uploadId,
      version,
      header('Upload-Offset', 'Where these bytes begin.', bytes),
      header(
        'Upload-Checksum',
        '`sha1` or `sha256` and the digest of these bytes in base64. Bytes that are others are thrown away.',
        text,
        false,
      ),
    ],
    requestBody: {
      required: true,
      content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
    },
    responses: {
      204: {
        description: 'What was sent is durable.',
        headers: { 'Upload-Offset': { description: 'Bytes that have arrived.', schema: bytes } },
      },
      400: refused(protocol),
      401: refused('`auth.required`, `auth.invalid`'),
      404: refused('`upload.not_found`'),
      409: refused('`upload.length_changed`; `upload.offset`: the upload stands elsewhere.'),
      410: refused('`upload.expired`'),
      412: refused('`upload.version`'),
      423: refused('`upload.interrupted`: another request sends it now.'),
      460: refused('`upload.checksum`: ask where the upload stands, and send from there again.'),
      507: refused('`server.storage_full`'),
    },
  }
}
