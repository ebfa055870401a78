import { errorCodes } from '@heliograph/contract/error-codes'
import { escapeHtml } from './escape-html.ts'
import type { ApiResponse, JsonSchema, OpenApi, Operation, Parameter } from './openapi-types.ts'
import { schemaText } from './schema-text.ts'

/** One page, no script: it can be read, searched and printed anywhere. */
export function renderApiPage(api: OpenApi): string {
  const { title, version, description } = api.info
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} API</title>
<link rel="stylesheet" href="/api/docs/style.css">
</head>
<body>
<header>
<h1>${escapeHtml(title)} API <small>${escapeHtml(version)}</small></h1>
${description
  .split('\n')
  .map((line) => `<p>${inline(line)}</p>`)
  .join('\n')}
<p>The same as data: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<nav aria-label="Parts">${renderNav(api)}</nav>
</header>
<main>
${api.tags.map(({ name }) => renderTag(api, name)).join('\n')}
${renderShapes(api)}
${renderCodes()}
</main>
</body>
</html>
`
}

function renderNav(api: OpenApi): string {
  const parts = [...api.tags.map(({ name }) => name), 'Shapes', 'Error codes']
  return parts.map((name) => `<a href="#${anchor(name)}">${escapeHtml(name)}</a>`).join(' ')
}

function renderTag(api: OpenApi, tag: string): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => renderOperation(method.toUpperCase(), path, operation)),
  )
  return `<section id="${anchor(tag)}"><h2>${escapeHtml(tag)}</h2>\n${operations.join('\n')}\n</section>`
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const content = Object.entries(operation.requestBody?.content ?? {})
  return `<details id="${escapeHtml(operation.operationId)}">
<summary><span class="method ${method.toLowerCase()}">${method}</span> <code>${renderPath(path)}</code> <span class="what">${inline(operation.summary)}</span></summary>
<div class="inside">
<p class="who">${whoMay(operation)}</p>
${operation.description === undefined ? '' : `<p>${inline(operation.description)}</p>`}
${renderParameters(operation.parameters)}
${content.map(([type, { schema }]) => `<h3>Body <small>${escapeHtml(type)}</small></h3>${renderSchema(schema)}`).join('\n')}
${Object.entries(operation.responses)
  .map(([status, response]) => renderResponse(status, response))
  .join('\n')}
</div>
</details>`
}

function renderPath(path: string): string {
  return escapeHtml(path)
    .replaceAll(/\{(\w+)\}/g, '<var>{$1}</var>')
    .replaceAll('/', '<wbr>/')
}

function whoMay({ security }: Operation): string {
  if (security.length === 0) return 'Anybody may call it.'
  const optional = security.some((way) => Object.keys(way).length === 0)
  return optional ? 'Signed in or not.' : 'For who is signed in.'
}

function renderParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(({ name, in: place, required, description = '', schema }) => {
    const note = [place, required ? '' : 'optional', description].filter((part) => part !== '').join(', ')
    return `<tr><th scope="row"><code>${escapeHtml(name)}</code></th><td><code>${escapeHtml(schemaText(schema))}</code><br>${inline(note)}</td></tr>`
  })
  return `<h3>Parameters</h3><table>${rows.join('')}</table>`
}

function renderResponse(status: string, { description, content = {}, headers = {} }: ApiResponse): string {
  const isError = Number(status) >= 400
  const shown = isError ? [] : Object.values(content).map(({ schema }) => renderSchema(schema))
  const named = Object.entries(headers).map(
    ([name, header]) => `<p><code>${escapeHtml(name)}</code>: ${inline(header.description)}</p>`,
  )
  const words = description.split('\n\n').map((line) => `<p>${inline(line)}</p>`)
  return `<h3 class="${isError ? 'error' : 'answer'}">${escapeHtml(status)}</h3>${words.join('')}${named.join('')}${shown.join('')}`
}

function renderSchema(schema: JsonSchema): string {
  return `<pre><code>${linked(schemaText(schema))}</code></pre>`
}

function renderShapes(api: OpenApi): string {
  const shapes = Object.entries(api.components.schemas).map(
    ([name, schema]) => `<h3 id="shape-${escapeHtml(name)}">${escapeHtml(name)}</h3>${renderSchema(schema)}`,
  )
  return `<section id="${anchor('Shapes')}"><h2>Shapes</h2>${shapes.join('\n')}</section>`
}

function renderCodes(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, [status, sentence]]) =>
      `<tr id="${escapeHtml(code)}"><th scope="row"><code>${escapeHtml(code)}</code></th><td>${status}</td><td>${escapeHtml(sentence)}</td></tr>`,
  )
  return `<section id="${anchor('Error codes')}"><h2>Error codes</h2>
<p>Every endpoint can answer with <code>request.invalid</code>, <code>rate.limited</code> (with <code>Retry-After</code>), <code>server.error</code> and <code>server.overloaded</code>. What is not there and what is not for you look the same.</p>
<div class="wide"><table><thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

/** `Name` in a schema's text is a link to the shape. */
function linked(text: string): string {
  return escapeHtml(text).replaceAll(/\b([A-Z][A-Za-z]+)\b/g, '<a href="#shape-$1">$1</a>')
}

/** Escaped text in which `code` is set as code. */
function inline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function anchor(name: string): string {
  return `part-${name.toLowerCase().replaceAll(/\W+/g, '-')}`
}
