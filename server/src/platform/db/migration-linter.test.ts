import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { lintSql, type SqlFile } from './migration-linter.ts'
import { rules } from './migration-rules.ts'

const good = 'create table t (bucket smallint not null, id bigint not null, primary key (bucket, id));'

async function rulesBrokenBy(text: string, kind: SqlFile['kind'] = 'migration'): Promise<string[]> {
  const findings = await lintSql([{ path: 'x.sql', text, kind }])
  return [...new Set(findings.map(({ rule }) => rule))].sort()
}

const keys = 'bucket smallint not null, id bigint not null'

/** Each breaks one rule, in every way that SQL offers. */
const breaches: Record<string, string[]> = {
  'bucket-in-keys': [
    'create table t (id bigint primary key)',
    'create table t (bucket smallint, id bigint)',
    'create table t (bucket smallint, id bigint, primary key (id, bucket))',
    `create table t (${keys}, code bytea unique, primary key (bucket, id))`,
    `create table t (${keys}, code bytea, primary key (bucket, id), unique (code))`,
    `create table t (${keys}, owner_id bigint references users (id), primary key (bucket, id))`,
    `create table t (${keys}, o bigint, primary key (bucket, id), foreign key (o) references users (id))`,
    `create table t (${keys}, o bigint, primary key (bucket, id), foreign key (bucket, o) references users (id, bucket))`,
    'create unique index t_code on t (code)',
    'alter table t add constraint t_code unique (code)',
    'alter table t add foreign key (owner_id) references users (id)',
    'alter table t add primary key (id)',
  ],
  'names-are-claims': [
    'create table people (bucket smallint, username text, primary key (bucket, username))',
    'create unique index users_email on users (bucket, email)',
    'alter table users add unique (bucket, username)',
  ],
  'both-directions': [
    'create table fans (bucket smallint, fan_id bigint, star_id bigint, primary key (bucket, fan_id, star_id))',
    'create table blocks (bucket smallint, blocker_id bigint, blocked_id bigint, primary key (bucket, blocker_id, blocked_id))',
  ],
  'values-from-the-application': [
    'create table t (bucket smallint, id bigserial, primary key (bucket, id))',
    'create table t (bucket smallint, id bigint generated always as identity, primary key (bucket, id))',
    `create table t (${keys}, made timestamptz default now(), primary key (bucket, id))`,
    `create table t (${keys}, made timestamptz default current_timestamp, primary key (bucket, id))`,
    `create table t (${keys}, token uuid default gen_random_uuid(), primary key (bucket, id))`,
    `create table t (${keys}, dice float default 6 * random(), primary key (bucket, id))`,
    `create table t (${keys}, made timestamp, primary key (bucket, id))`,
    'alter table t add column made timestamptz default now()',
    'create sequence numbers',
  ],
  'deterministic-upserts': [
    'insert into t (bucket, id) values (1, 2) on conflict (bucket, id) do update set seen = now()',
    'insert into t (bucket, id) values (1, 2) on conflict (bucket, id) do update set n = random()',
    'insert into t (bucket, id) values (1, 2) on conflict (bucket, id) do update set n = (select max(n) from u)',
    'insert into t (bucket, id) values (1, 2) on conflict (bucket, id) do update set n = 1 where t.seen < now()',
  ],
  'no-triggers': [
    'create trigger count after insert on likes for each row execute function count()',
    'create rule r as on insert to likes do instead nothing',
  ],
  'stays-in-its-bucket': [
    'select * from users u, lateral (select * from posts p where p.author_id = u.id limit 3) x',
    'select * from posts p where exists (select 1 from likes l where l.post_id = p.id)',
    'with recursive tree as (select id from comments union all select c.id from comments c join tree on c.parent_id = tree.id) select * from tree',
    'select * from uploads where id = $1 for update',
    'delete from posts p where not exists (select 1 from users u where u.id = p.author_id)',
  ],
  'locks-are-rows': ['select pg_advisory_xact_lock(7)', 'listen news', "notify news, 'x'"],
  'no-rewrites': [
    'update media set seen_at = created_at where revoked_at is null',
    'with old as (update media set seen_at = created_at returning id) select count(*) from old',
  ],
  'partitioned-by-post': [
    'create table posts (bucket smallint, id bigint, primary key (bucket, id))',
    'create table post_media (bucket smallint, id bigint, post_id bigint, primary key (bucket, id, post_id)) partition by range (post_id)',
    'create table comments (bucket smallint, post_id bigint, id bigint, primary key (bucket, post_id, id)) partition by range (id)',
    'create table post_tags (bucket smallint, post_id bigint, id bigint, primary key (bucket, post_id, id))',
  ],
}

for (const [rule, statements] of Object.entries(breaches)) {
  for (const statement of statements) {
    test(`${rule} catches: ${statement.slice(0, 90)}`, async () => {
      assert.deepEqual(await rulesBrokenBy(statement), [rule])
    })
  }
}

test('every rule is proved above', () => {
  assert.deepEqual(Object.keys(breaches).sort(), rules.map(({ id }) => id).sort())
})

const innocent = [
  good,
  `create table t (${keys}, o bigint, primary key (bucket, id), foreign key (bucket, o) references users (bucket, id))`,
  'create unique index t_by_time on t (bucket, owner_id, id desc)',
  'create table username_claims (bucket smallint, username text, primary key (bucket, username))',
  'insert into t (bucket, id) values (1, 2) on conflict (bucket, id) do update set n = t.n + excluded.n',
  `${good} update t set id = 3 where bucket = 1 and id = 2`,
  'select * from posts p where exists (select 1 from likes l where l.bucket = p.bucket and l.post_id = p.id)',
  'select * from uploads where bucket = $1 and id = $2 for update',
  'select * from uploads where (bucket, id) in (select 1, 2) for update',
  'create table posts_2026_11 partition of posts for values from (1) to (2)',
  'create index t_by_age on t (created_at)',
]

for (const statement of innocent) {
  test(`nothing is said about: ${statement.slice(0, 90)}`, async () => {
    assert.deepEqual(await rulesBrokenBy(statement), [])
  })
}

test('a migration never rewrites a table that people are using; a query may change rows', async () => {
  const update = 'update t set seen = now() where bucket = 1 and id = 2'
  assert.deepEqual(await rulesBrokenBy(update, 'migration'), ['no-rewrites'])
  assert.deepEqual(await rulesBrokenBy(update, 'query'), [])
})

test('a query is one statement, a migration may be many', async () => {
  const two = 'select 1; select 2;'
  assert.deepEqual(await rulesBrokenBy(two, 'migration'), [])
  assert.deepEqual(await rulesBrokenBy(two, 'query'), ['stays-in-its-bucket'])
})

test('a breach may be allowed, with its reason and only where it stands', async () => {
  const breach = 'create unique index t_code on t (code);'
  assert.deepEqual(await rulesBrokenBy(`-- allow(bucket-in-keys): t has one row\n${breach}`), [])
  assert.deepEqual(await rulesBrokenBy(`-- allow(bucket-in-keys):\n${breach}`), ['bucket-in-keys'])
  assert.deepEqual(await rulesBrokenBy(`-- allow(no-triggers): sorry\n${breach}`), ['bucket-in-keys'])
  assert.deepEqual(await rulesBrokenBy(`-- allow(bucket-in-keys): one row\n${breach}\n${breach}`), [
    'bucket-in-keys',
  ])
})

test('findings name the line where the statement begins', async () => {
  const text = `-- Straßen\n${good}\n\n-- next\n-- one\ncreate table u (id bigint primary key);\n`
  const findings = await lintSql([{ path: 'a.sql', text, kind: 'migration' }])
  assert.deepEqual(
    findings.map(({ path, line }) => ({ path, line })),
    [{ path: 'a.sql', line: 6 }],
  )
})

test('what is no SQL is a finding, not a crash', async () => {
  const findings = await lintSql([{ path: 'a.sql', text: 'select 1;\ncreat table x', kind: 'migration' }])
  assert.equal(findings[0]?.rule, 'syntax')
  assert.equal(findings[0]?.line, 2)
})

test('the migrations keep every rule', async () => {
  const folder = new URL('../../../migrations/', import.meta.url)
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map(
      (name): SqlFile => ({
        path: name,
        text: readFileSync(new URL(name, folder), 'utf8'),
        kind: 'migration',
      }),
    )
  assert.deepEqual(await lintSql(files), [])
})
