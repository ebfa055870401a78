import { graphEndpoints } from '@heliograph/contract/graph'
import type { AccountsApi, Relations } from '#modules/accounts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, page, type Viewer } from '#platform/http/mount.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Blocks } from './block-service.ts'
import type { CloseFriends } from './close-friend-service.ts'
import type { Favourites } from './favourite-service.ts'
import type { Follows } from './follow-service.ts'
import type { ListQuery, PageOfPeople, PeopleLists } from './people-lists.ts'
import { noRelationship } from './relations.ts'
import type { Requests } from './request-service.ts'
import type { Restricts } from './restrict-service.ts'
import type { StoryHidden } from './story-hidden-service.ts'
import { createTargets } from './targets.ts'

interface Deps {
  accounts: AccountsApi
  relations: Relations
  follows: Follows
  blocks: Blocks
  favourites: Favourites
  restricts: Restricts
  closeFriends: CloseFriends
  storyHidden: StoryHidden
  lists: PeopleLists
  requests: Requests
}

interface Change {
  viewer: Viewer
  params: { username: string }
}

interface ListRequest {
  query: { limit: number }
  position: readonly string[] | null
}

export function mountGraph(http: Http, deps: Deps): void {
  const {
    accounts,
    relations,
    follows,
    blocks,
    favourites,
    restricts,
    closeFriends,
    storyHidden,
    lists,
    requests,
  } = deps
  const targets = createTargets({ accounts, relations })

  const standing = async (viewer: Viewer, id: Id) => {
    const relationship = (await relations.relationships(viewer.id, [id])).get(id)
    return answer(200, { relationship: relationship ?? noRelationship(viewer.id === id) })
  }

  const requester = async ({ viewer, params }: Change) => {
    const account = await accounts.resolveUsername(params.username)
    if (!account) throw fault('follow_request.not_found')
    return { pair: { from: account.id, to: viewer.id }, id: account.id }
  }

  mount(http, graphEndpoints, {
    'PUT /api/users/:username/follow': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('follow.self')
      await follows.follow({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/follow': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.following !== 'no')
      await follows.unfollow({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/follower': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.followedBy)
      await follows.removeFollower({ from: id, to: viewer.id })
      return standing(viewer, id)
    },
    'GET /api/users/:username/followers': async ({ viewer, params, ...list }) =>
      pageOf(await lists.followers(viewer, params.username, queryOf(list))),
    'GET /api/users/:username/following': async ({ viewer, params, ...list }) =>
      pageOf(await lists.following(viewer, params.username, queryOf(list))),
    'GET /api/follow-requests': async ({ viewer, ...list }) =>
      pageOf(await lists.requests(viewer, queryOf(list))),
    'POST /api/follow-requests/accept-all': async ({ viewer }) =>
      answer(200, { accepted: await requests.acceptAll(viewer.id) }),
    'PUT /api/follow-requests/:username': async (context) => {
      const { pair, id } = await requester(context)
      await follows.accept(pair)
      return standing(context.viewer, id)
    },
    'DELETE /api/follow-requests/:username': async (context) => {
      const { pair, id } = await requester(context)
      await follows.refuse(pair)
      return standing(context.viewer, id)
    },
    'PUT /api/users/:username/block': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('block.self')
      await blocks.block({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/block': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.blocking)
      await blocks.unblock({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'PUT /api/users/:username/mute': async ({ viewer, params, body }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('mute.self')
      await blocks.mute({ from: viewer.id, to: id }, body ?? { posts: true, stories: true })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/mute': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.muting.length > 0)
      await blocks.unmute({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'PUT /api/users/:username/restrict': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('restrict.self')
      await restricts.restrict({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/restrict': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.restricting)
      await restricts.unrestrict({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'GET /api/me/restricted': async ({ viewer, ...list }) =>
      pageOf(await lists.restricted(viewer, queryOf(list))),
    'PUT /api/users/:username/favourite': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      await favourites.add({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/favourite': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.favourite)
      await favourites.remove({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'GET /api/me/favourites': async ({ viewer, ...list }) =>
      pageOf(await lists.favourites(viewer, queryOf(list))),
    'PUT /api/users/:username/close-friend': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('close_friend.self')
      await closeFriends.add({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/close-friend': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.closeFriend)
      await closeFriends.remove({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'PUT /api/users/:username/story-hidden': async ({ viewer, params }) => {
      const { id } = await targets.visible(viewer, params.username)
      if (id === viewer.id) throw fault('story_hidden.self')
      await storyHidden.hide({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'DELETE /api/users/:username/story-hidden': async ({ viewer, params }) => {
      const { id } = await targets.held(viewer, params.username, (it) => it.storyHidden)
      await storyHidden.unhide({ from: viewer.id, to: id })
      return standing(viewer, id)
    },
    'GET /api/me/story-hidden-from': async ({ viewer, ...list }) =>
      pageOf(await lists.storyHiddenFrom(viewer, queryOf(list))),
    'GET /api/me/close-friends': async ({ viewer, ...list }) =>
      pageOf(await lists.closeFriends(viewer, queryOf(list))),
    'GET /api/me/blocks': async ({ viewer, ...list }) => pageOf(await lists.blocks(viewer, queryOf(list))),
    'GET /api/me/mutes': async ({ viewer, ...list }) => pageOf(await lists.mutes(viewer, queryOf(list))),
  })
}

function queryOf({ query, position }: ListRequest): ListQuery {
  return { before: position?.[0] ?? null, limit: query.limit }
}

function pageOf({ items, next }: PageOfPeople) {
  return page(items, next === null ? null : [next])
}
