import { explicitness } from '@heliograph/contract/explicitness'
import type { ModerationAct, ModerationCase } from '@heliograph/contract/moderation'
import type { Command } from 'commander'
import type { Cell } from './printer.ts'
import { type Tools, wholeNumber } from './tools.ts'

/** For an operator who has no browser at hand; in the log these decisions are the operator's. */
export function addModerationCommands(program: Command, tools: Tools): void {
  const moderation = program
    .command('moderation')
    .description('what waits for a decision, decisions, removed pictures')
  addReading(moderation, tools)
  addDeciding(moderation, tools)
  addBlockList(moderation, tools)
}

interface Page {
  after?: string
  limit: number
}

function paged(command: Command): Command {
  return command
    .option('--after <id>', 'go on after this id')
    .option('--limit <count>', 'how many at most', wholeNumber, 50)
}

function addReading(moderation: Command, { withApp, printerOf }: Tools): void {
  paged(moderation.command('list').description('cases that wait, oldest first')).action(
    async ({ after, limit }: Page, command: Command) => {
      const { items, nextPosition } = await withApp(({ modules }) =>
        modules.moderation.api.queue.list(null, after ?? null, limit),
      )
      const printer = printerOf(command)
      printer.rows(items.map(factsOf), 'Nothing waits.')
      if (nextPosition) printer.line(`More: --after ${nextPosition[0]}`)
    },
  )

  paged(moderation.command('log').description('what was decided, newest first')).action(
    async ({ after, limit }: Page, command: Command) => {
      const lines = await withApp(({ modules }) => modules.moderation.api.log.list(after ?? null, limit))
      const printer = printerOf(command)
      const rows = lines.map(({ id, at, act, actor, subject, subjectId, author, note }) => ({
        ...{ id, at, act, by: actor ?? 'operator', subject, subjectId, author, note },
      }))
      printer.rows(rows, 'Nothing was decided yet.')
      if (lines.length === limit) printer.line(`More: --after ${lines.at(-1)?.id}`)
    },
  )
}

const acts: Readonly<Record<ModerationAct, string>> = {
  approve: 'let it out, or leave it as it is',
  sensitive: 'let a post out, covered until somebody taps it',
  remove: 'take a post, comment or Story away, or suspend an account',
}

function addDeciding(moderation: Command, { withApp, printerOf }: Tools): void {
  for (const [act, description] of Object.entries(acts) as [ModerationAct, string][])
    moderation
      .command(act)
      .description(description)
      .argument('<case>', 'id of the case: see list')
      .option(
        '--note <words>',
        'why; whoever loses a post or is suspended reads it, and suspending needs it',
        '',
      )
      .option('--seen <version>', 'as list showed it: refused when it was changed since')
      .action(async (id: string, { note, seen }: { note: string; seen?: string }, command: Command) => {
        const decided = await withApp(({ modules }) =>
          modules.moderation.api.decisions.decide(null, id, { act, note, version: seen }),
        )
        printerOf(command).facts({ case: id, act, decidedAt: decided.decidedAt.toISOString() })
      })
}

function addBlockList(moderation: Command, { withApp, printerOf }: Tools): void {
  const list = moderation
    .command('block-list')
    .description('hashes of removed pictures, which cannot be shared again')
  paged(list.command('list').description('oldest first')).action(
    async ({ after, limit }: Page, command: Command) => {
      const found = await withApp(({ modules }) =>
        modules.moderation.api.blockList.list(after ?? null, limit),
      )
      const rows = found.map(({ createdAt, ...rest }) => ({ ...rest, createdAt: createdAt.toISOString() }))
      printerOf(command).rows(rows, 'The list is empty.')
      if (found.length === limit) printerOf(command).line(`More: --after ${found.at(-1)?.id}`)
    },
  )
  list
    .command('remove')
    .description('let a picture be shared again')
    .argument('<id>', 'see list')
    .option('--note <words>', 'why', '')
    .action(async (id: string, { note }: { note: string }, command: Command) => {
      const { mediaId } = await withApp(({ modules }) =>
        modules.moderation.api.decisions.unblock(null, id, note),
      )
      printerOf(command).facts({ id, mediaId, blocked: false })
    })
}

function factsOf(item: ModerationCase): Record<string, Cell> {
  return {
    case: item.id,
    version: item.version,
    subject: item.subject,
    author: item.author.username,
    text: (item.comment?.text ?? item.post?.caption ?? item.story?.altText ?? item.bio ?? '').slice(0, 60),
    findings: item.findings.map(describe).join('; '),
    reports: item.reasons.map(({ reason, count }) => `${reason} ${count}`).join(', '),
    openedAt: item.openedAt,
  }
}

function describe(finding: ModerationCase['findings'][number]): string {
  if (finding.kind === 'words') return `${finding.field}: ${finding.words.join(', ')} (${finding.severity})`
  if (finding.kind === 'resembles') return `like a removed picture (${finding.distance} of 64 bits differ)`
  if (finding.scores === null) return 'picture not looked at'
  return `picture ${Math.round(explicitness(finding.scores) * 100)} % explicit`
}
