export const en = {
  'suggested.title': 'Suggested for you',
  'suggested.one': 'Followed by {name}',
  'suggested.two': 'Followed by {name} and {other}',
  'suggested.more': {
    one: 'Followed by {name}, {other} and one more',
    other: 'Followed by {name}, {other} and {count} more',
  },
  'suggested.back': 'Follows you',
  'suggested.refuse': 'Do not suggest {name} again',
  'suggested.refused': '{name} is not suggested again',
  'mute.title': 'Mute {name}',
  'mute.text': 'They do not learn of it.',
  'mute.posts': 'Posts',
  'mute.posts.hint': 'Not in your feed. Their profile still has them.',
  'mute.stories': 'Stories',
  'mute.stories.hint': 'Not in the row above your feed. Their profile still has them.',
}
