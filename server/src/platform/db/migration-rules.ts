import { has, listKeys, nameOf, type Parsed, statementKind, walk } from './sql-tree.ts'

/** Where the linter found a statement. */
export interface Context {
  kind: 'migration' | 'query'
  /** Tables that the file has made so far. */
  ownTables: ReadonlySet<string>
}

export interface Rule {
  id: string
  /** Number in docs/adr/0003: what holds for every table and query, on one PostgreSQL as on many. */
  number: 1 | 2 | 3 | 4 | 5 | 6 | 7
  /** Sentences about this statement; none: it keeps the rule. */
  check(statement: Parsed, context: Context): string[]
}

/** Names that must be unique everywhere: a unique key over (bucket, name) holds only inside one bucket. */
const globalNames = /^(username|email|tag|hashtag|handle|slug|credential_id|oauth_subject)$/
/** Tables whose rows live in the bucket of the name's hash, so that the key does hold everywhere. */
const claimTables = /(_claims|^hashtags)$/

/** Relations between two things of different buckets: a row on either side. */
const pairedTables: readonly (readonly [string, string])[] = [
  ['following', 'followers'],
  ['follow_requests', 'follow_requests_sent'],
  ['blocks', 'blocked_by'],
  ['close_friends', 'close_friend_of'],
  ['likes', 'likes_given'],
  ['conversation_members', 'inbox'],
  ['story_views', 'story_seen'],
  ['story_hidden_from', 'story_hidden_by'],
]
/** Relations that are only ever read from one side. */
const oneSidedTables: Readonly<Record<string, string>> = {
  address_notices: 'who was told of whom, for a day: asked by who is told, and never from the other side',
  direct_conversations: 'a claim, read from the pair alone',
  reported_messages: 'nobody may learn who reported what',
  mutes: 'nobody may learn that they are muted',
  restricts: 'nobody may learn that they are restricted',
  suggestions_refused: 'nobody may learn that they were not wanted',
  favourites: 'nobody may learn whose favourite they are, or are not',
  saves: 'nobody may learn that their post was saved',
  hidden_posts: 'nobody may learn that their post was hidden',
  signal_authors: 'nobody may learn how they are looked at',
  shares: 'read only as a count of the post',
  highlight_stories: 'the highlight and the Story live in their owner’s bucket',
  outboxes: 'the author and the post live in one bucket',
}

/** Tables that grow with every post, and the column that holds the id of the post. */
const partitionedTables: Readonly<Record<string, string>> = {
  posts: 'id',
  post_media: 'post_id',
  post_counts: 'post_id',
  comments: 'post_id',
  likes: 'post_id',
  shares: 'post_id',
  post_revisions: 'post_id',
  post_attention: 'post_id',
}

const volatileFunctions =
  /^(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid|uuidv4|uuidv7|nextval|setseed)$/

export const rules: readonly Rule[] = [
  {
    id: 'bucket-in-keys',
    number: 1,
    check: (statement) => [...checkTableKeys(statement), ...checkOtherKeys(statement)],
  },
  {
    id: 'names-are-claims',
    number: 2,
    check: (statement) =>
      listKeys(statement)
        .filter(({ type, table, columns }) => {
          const names = columns.filter((column) => column !== 'bucket')
          return (
            type !== 'foreign' &&
            names.length === 1 &&
            globalNames.test(names[0] ?? '') &&
            !claimTables.test(table)
          )
        })
        .map(
          ({ table, columns }) =>
            `${columns.at(-1)} is unique only inside a bucket of ${table}; a name that is unique everywhere is a row of a …_claims table, in the bucket of its hash`,
        ),
  },
  {
    id: 'both-directions',
    number: 3,
    check(statement) {
      const key = listKeys(statement).find(({ type }) => type === 'primary')
      if (!key || !has(statement, 'CreateStmt')) return []
      const [bucket, first = '', second = '', ...more] = key.columns
      if (bucket !== 'bucket' || more.length > 0 || !first.endsWith('_id') || !second.endsWith('_id'))
        return []
      if (pairedTables.some((pair) => pair.includes(key.table)) || key.table in oneSidedTables) return []
      return [
        `${key.table} relates ${first} and ${second}, which may live in different buckets: both directions are rows; name its other side, or why there is none, in migration-rules.ts`,
      ]
    },
  },
  { id: 'values-from-the-application', number: 4, check: checkGeneratedValues },
  { id: 'deterministic-upserts', number: 4, check: checkUpserts },
  { id: 'no-triggers', number: 4, check: checkTriggers },
  { id: 'stays-in-its-bucket', number: 5, check: checkCrossings },
  { id: 'locks-are-rows', number: 6, check: checkNodeLocal },
  { id: 'no-rewrites', number: 6, check: checkRewrites },
  { id: 'partitioned-by-post', number: 7, check: checkPartitions },
]

/** Known only when all migrations have been read. */
export function findMissingSides(tables: ReadonlySet<string>): string[] {
  return pairedTables.flatMap(([a, b]) => {
    if (tables.has(a) === tables.has(b)) return []
    const [there, missing] = tables.has(a) ? [a, b] : [b, a]
    return [`${there} has no other side: ${missing} is not created by any migration`]
  })
}

function checkTableKeys(statement: Parsed): string[] {
  const table = statement.CreateStmt
  if (!table || table.inhRelations || table.relation?.relpersistence === 't') return []
  const primary = listKeys(statement).find(({ type }) => type === 'primary')
  if (!primary) return [`${nameOf(table.relation)} has no primary key`]
  return primary.columns[0] === 'bucket'
    ? []
    : [`the primary key of ${nameOf(table.relation)} does not begin with bucket`]
}

function checkOtherKeys(statement: Parsed): string[] {
  return listKeys(statement).flatMap(({ type, table, columns, target }) => {
    if (type === 'unique' && !columns.includes('bucket'))
      return [`a unique key of ${table} (${columns.join(', ')}) lacks bucket`]
    if (type === 'foreign') {
      const at = columns.indexOf('bucket')
      if (at === -1 || (target && target.columns[at] !== 'bucket'))
        return [`a foreign key of ${table} (${columns.join(', ')}) leaves its bucket`]
    }
    if (type === 'primary' && !statement.CreateStmt && columns[0] !== 'bucket')
      return [`the primary key of ${table} does not begin with bucket`]
    return []
  })
}

function checkGeneratedValues(statement: Parsed): string[] {
  const found: string[] = []
  walk(statement, (kind, node) => {
    if (kind === 'CreateSeqStmt') found.push('sequences are per node; ids come from the application')
    if (kind !== 'ColumnDef') return
    const column = String(node.colname)
    const type = nameOfType(node)
    if (/^(small|big)?serial\d?$/.test(type))
      found.push(`${column} is ${type}; ids come from the application`)
    if (type === 'timestamp') found.push(`${column} has no time zone; times are timestamptz`)
    walk(node.constraints, (inner, constraint) => {
      if (inner !== 'Constraint') return
      if (constraint.contype === 'CONSTR_IDENTITY')
        found.push(`${column} is an identity column; ids come from the application`)
      if (constraint.contype === 'CONSTR_DEFAULT')
        for (const name of volatileIn(constraint.raw_expr))
          found.push(`${column} defaults to ${name}(); ids and times come from the application`)
    })
  })
  return found
}

function nameOfType(node: Record<string, unknown>): string {
  const names: string[] = []
  walk((node.typeName as { names?: unknown } | undefined)?.names, (kind, inner) => {
    if (kind === 'String') names.push(String(inner.sval))
  })
  return names.at(-1) ?? ''
}

function volatileIn(expression: unknown): string[] {
  const found: string[] = []
  walk(expression, (kind, node) => {
    if (kind === 'SQLValueFunction') found.push('now')
    if (kind !== 'FuncCall') return
    const name = functionName(node)
    if (volatileFunctions.test(name)) found.push(name)
  })
  return found
}

function functionName(node: Record<string, unknown>): string {
  const parts: string[] = []
  walk(node.funcname, (kind, part) => {
    if (kind === 'String') parts.push(String(part.sval))
  })
  return parts.at(-1) ?? ''
}

function checkUpserts(statement: Parsed): string[] {
  const found: string[] = []
  walk(statement, (kind, node) => {
    const clause =
      kind === 'InsertStmt' ? (node.onConflictClause as Record<string, unknown> | undefined) : undefined
    if (clause?.action !== 'ONCONFLICT_UPDATE') return
    const parts = [clause.targetList, clause.whereClause]
    for (const name of parts.flatMap(volatileIn)) found.push(`on conflict do update calls ${name}()`)
    walk(parts, (inner) => {
      if (inner === 'SubLink') found.push('on conflict do update has a sub-select')
    })
  })
  return found
}

function checkTriggers(statement: Parsed): string[] {
  const kind = statementKind(statement)
  if (kind === 'CreateTrigStmt' || kind === 'CreateEventTrigStmt')
    return ['triggers hide writes and do not run across buckets; write it in the application']
  if (kind === 'RuleStmt') return ['rules rewrite queries out of sight; write it in the application']
  return []
}

function checkCrossings(statement: Parsed, { kind: place }: Context): string[] {
  const found: string[] = []
  walk(statement, (kind, node) => {
    if (kind === 'RangeSubselect' && node.lateral && !pinsBucket(node))
      found.push('lateral reaches a table that is not joined by bucket')
    if (kind === 'SubLink' && node.subLinkType === 'EXISTS_SUBLINK' && !pinsBucket(node.subselect))
      found.push('exists looks into a table that is not joined by bucket')
    if (kind === 'WithClause' && node.recursive && !pinsBucket(node.ctes))
      found.push('a recursive query walks across buckets')
    if (kind === 'SelectStmt' && node.lockingClause && !pinsBucket(node.whereClause))
      found.push('for update without a pinned bucket locks on every node')
  })
  if (place === 'query' && statement.isOneOfMany) found.push('one statement per query string')
  return found
}

/** Somewhere in it stands `bucket = …`, or `(bucket, …) in …`. */
function pinsBucket(tree: unknown): boolean {
  let pinned = false
  walk(tree, (kind, node) => {
    if (kind === 'A_Expr' && operatorOf(node) === '=' && mentionsBucket(node.lexpr, node.rexpr)) pinned = true
    if (kind === 'A_Expr' && node.kind === 'AEXPR_IN' && mentionsBucket(node.lexpr)) pinned = true
    if (kind === 'SubLink' && mentionsBucket(node.testexpr)) pinned = true
  })
  return pinned
}

function operatorOf(node: Record<string, unknown>): string {
  let operator = ''
  walk(node.name, (kind, part) => {
    if (kind === 'String') operator = String(part.sval)
  })
  return operator
}

function mentionsBucket(...sides: unknown[]): boolean {
  let found = false
  walk(sides, (kind, node) => {
    if (kind !== 'ColumnRef') return
    walk(node.fields, (inner, part) => {
      if (inner === 'String' && part.sval === 'bucket') found = true
    })
  })
  return found
}

function checkNodeLocal(statement: Parsed): string[] {
  const found: string[] = []
  const kind = statementKind(statement)
  if (kind === 'ListenStmt' || kind === 'NotifyStmt')
    found.push('listen and notify are per node; emit an event')
  walk(statement, (inner, node) => {
    if (inner === 'FuncCall' && /^pg_(try_)?advisory_/.test(functionName(node)))
      found.push('advisory locks are per node; lock a row')
  })
  return found
}

/** Everybody who wants to write waits until it is done, and rows of years are written twice. */
function checkRewrites(statement: Parsed, { kind, ownTables }: Context): string[] {
  if (kind === 'query') return []
  const found: string[] = []
  walk(statement, (inner, node) => {
    if (inner !== 'UpdateStmt') return
    const table = nameOf(node.relation as Parameters<typeof nameOf>[0])
    if (!ownTables.has(table))
      found.push(
        `an update of ${table} holds its rows until the migration ends; let null mean the old rows, or fill them in by a job`,
      )
  })
  return found
}

function checkPartitions(statement: Parsed): string[] {
  const table = statement.CreateStmt
  if (!table || table.inhRelations) return []
  const name = nameOf(table.relation)
  const column = partitionedTables[name]
  const by = partitionColumns(table.partspec)
  if (column === undefined) {
    const grows = name.startsWith('post_') || listColumns(table.tableElts).includes('post_id')
    const key = listKeys(statement).find(({ type }) => type === 'primary')
    if (grows && key?.columns[1] === 'post_id' && by.join() !== 'post_id')
      return [`${name} grows with the posts it is addressed under: partition it by range (post_id)`]
    return []
  }
  const found: string[] = []
  if (table.partspec?.strategy !== 'PARTITION_STRATEGY_RANGE' || by.join() !== column)
    found.push(`${name} is not partitioned by range (${column})`)
  const primary = listKeys(statement).find(({ type }) => type === 'primary')
  if (primary?.columns[1] !== column) found.push(`the primary key of ${name} is not (bucket, ${column}, …)`)
  return found
}

function partitionColumns(spec: unknown): string[] {
  const columns: string[] = []
  walk(spec, (kind, node) => {
    if (kind === 'PartitionElem') columns.push(String(node.name ?? ''))
  })
  return columns
}

function listColumns(elements: unknown): string[] {
  const columns: string[] = []
  walk(elements, (kind, node) => {
    if (kind === 'ColumnDef') columns.push(String(node.colname))
  })
  return columns
}
