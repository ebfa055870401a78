/**
 * Every code that an answer can carry: its HTTP status and a plain sentence.
 * Clients switch on the code, never on the sentence. Codes are only ever added.
 */
export const errorCodes = {
  'request.invalid': [400, 'Something in the request is not as it should be.'],
  'request.not_json': [400, 'The body is not valid JSON.'],
  'request.too_large': [413, 'The request is too large.'],
  'request.too_slow': [408, 'The request took too long to arrive. Try again.'],
  'request.unsupported_type': [415, 'This kind of body is not understood here.'],
  'request.not_found': [404, 'There is nothing here.'],
  'request.method_not_allowed': [405, 'This address does not do that.'],
  'request.origin': [403, 'The request came from another site.'],
  'request.host': [421, 'This server does not answer for that host name.'],
  'request.gone': [499, 'The client went away.'],
  'cursor.invalid': [400, 'The cursor is not one of ours, or belongs to another list.'],
  'cursor.expired': [400, 'The cursor is older than a day. Start the list again.'],
  'auth.required': [401, 'Sign in first.'],
  'auth.invalid': [401, 'The session has ended. Sign in again.'],
  'auth.wrong_credentials': [401, 'The name or the password is not right.'],
  'auth.proof_needed': [403, 'Show once more that it is you.'],
  'auth.forbidden': [403, 'You may not do that.'],
  'auth.second_factor_needed': [401, 'The password is right. A second step is missing.'],
  'auth.second_factor_wrong': [401, 'That is not right, or was used before.'],
  'totp.unreadable': [
    409,
    'This server can no longer check the codes of your app. Use a recovery code or a passkey, or ask those who run it.',
  ],
  'auth.challenge_expired': [401, 'That took too long, or too many tries. Sign in from the start.'],
  'auth.passkey_refused': [401, 'This passkey does not open an account here.'],
  'rate.limited': [429, 'That was a lot at once. Wait a little and try again.'],
  'idempotency.mismatch': [409, 'This Idempotency-Key was used with another request.'],
  'idempotency.in_progress': [409, 'The first request with this Idempotency-Key is still running.'],
  'server.error': [500, 'Something went wrong on our side. It has been written down.'],
  'server.overloaded': [503, 'The server is busy. Try again in a moment.'],
  'server.unavailable': [503, 'A part that is needed is away just now. Try again in a moment.'],
  'server.storage_full': [507, 'There is no room left for new files on the server.'],

  'account.username_taken': [409, 'That name is taken.'],
  'account.username_changed_recently': [
    409,
    'A name can be changed twice in 30 days. An old name of yours can be taken back at any time.',
  ],
  'account.username_invalid': [400, 'A name has 1 to 30 of: a–z, 0–9, _ and single dots inside.'],
  'account.username_reserved': [409, 'That name is reserved.'],
  'account.password_weak': [400, 'The password is too short or too easy to guess.'],
  'account.suspended': [403, 'This account is suspended.'],
  'account.waiting_for_approval': [
    403,
    'The account is made. Those who run this server have to let you in first.',
  ],
  'account.sign_up_closed': [403, 'This server takes no new accounts.'],
  'account.invitation_needed': [403, 'An account here is made with an invitation.'],
  'account.invitation_invalid': [400, 'This invitation has been used up, withdrawn or has expired.'],
  'account.birth_date_needed': [400, 'Say when you were born: this server has a minimum age.'],
  'account.too_young': [403, 'You are too young for an account on this server.'],
  'invitation.not_found': [404, 'There is no such invitation.'],
  'invitation.too_many': [409, 'You have as many open invitations as is possible.'],
  'account.link_invalid': [400, 'This link has been used or has expired.'],
  'account.email_unverified': [403, 'Open the link that was mailed to you first.'],
  'passkey.refused': [400, 'This passkey cannot be added. Begin again, or use another one.'],
  'passkey.too_many': [409, 'You have as many passkeys as is possible. Remove one first.'],
  'passkey.not_found': [404, 'There is no such passkey.'],
  'totp.on': [409, 'Codes of an app are asked for already. Switch that off first.'],
  'totp.not_begun': [409, 'There is no app to confirm. Begin again.'],
  'totp.wrong_code': [400, 'That is not the code that the app shows now.'],
  'second_factor.off': [409, 'Recovery codes come with a passkey or an app. Add one first.'],
  'user.not_found': [404, 'There is no such account.'],

  'follow.self': [400, 'You cannot follow yourself.'],
  'follow.too_many': [409, 'You follow as many accounts as is possible.'],
  'block.self': [400, 'You cannot block yourself.'],
  'restrict.self': [400, 'You cannot restrict yourself.'],
  'mute.self': [400, 'You cannot mute yourself.'],
  'favourite.not_followed': [409, 'Only an account that you follow can be a favourite.'],
  'close_friend.self': [400, 'You cannot be a close friend of your own.'],
  'close_friend.too_many': [409, 'Your list of close friends is full.'],
  'follow_request.not_found': [404, 'There is no such request.'],

  'post.not_found': [404, 'There is no such post.'],
  'post.not_ready': [409, 'The post is not ready yet.'],
  'post.too_many_media': [400, 'A post has 1 to 10 photographs and videos.'],
  'post.too_many_hashtags': [400, 'A caption has at most 30 hashtags.'],
  'post.video_edits': [
    400,
    'A video takes filters and changes of colour, but no sharpening, vignette or straightening.',
  ],
  'post.media_mismatch': [400, 'The media named are not those of the post.'],
  'post.removed': [410, 'The post was removed by the moderators of this server.'],
  'post.not_failed': [409, 'Nothing of this post failed, so there is nothing to try again.'],
  'post.retry_useless': [
    409,
    'Trying again does not help: a file of this post cannot be shown here. Leave it out, or delete the post.',
  ],
  'comment.not_allowed': [403, 'You cannot comment here.'],
  'comment.not_found': [404, 'There is no such comment.'],

  'conversation.not_found': [404, 'There is no such conversation.'],
  'conversation.self': [400, 'Choose somebody else to write to.'],
  'conversation.full': [409, 'A group has at most 32 people.'],
  'conversation.not_group': [409, 'That is possible in a group alone.'],
  'conversation.not_admin': [403, 'Only admins of this group can do that.'],
  'message.not_found': [404, 'There is no such message.'],
  'message.not_allowed': [403, 'This person does not take messages from you.'],
  'message.client_id_used': [409, 'Another message was sent under this id. Send it under a new one.'],
  'message.too_late': [409, 'A message can be changed for 15 minutes.'],
  'message.empty': [400, 'A message needs words or an attachment.'],
  'message.unsent': [409, 'This message was taken back.'],

  'upload.not_found': [404, 'There is no such upload.'],
  'upload.used': [409, 'This upload is already part of something.'],
  'upload.incomplete': [409, 'The upload is not complete yet.'],
  'upload.purpose': [400, 'This upload was made for another purpose.'],
  'upload.too_large': [413, 'The file is larger than is allowed.'],
  'upload.quota': [
    413,
    'You have begun more uploads than can wait at once. Share or wait for some of them first.',
  ],
  'upload.account_full': [413, 'You have no room left on this server. Delete something first.'],
  'upload.length_changed': [409, 'The file changed while it was being sent. Start again.'],

  'upload.checksum': [460, 'Some bytes changed on their way here. Send them again.'],
  'upload.offset': [409, 'Bytes are sent from another position than the one that is expected.'],
  'upload.expired': [410, 'The upload was not used in time and is gone. Start again.'],
  'upload.protocol': [400, 'The request does not follow the tus protocol.'],
  'upload.version': [412, 'Uploads speak version 1.0.0 of the tus protocol.'],
  'upload.interrupted': [423, 'Another request is sending this upload.'],

  'media.unsupported_format': [
    422,
    'This kind of file cannot be shown. JPEG, PNG, WebP, AVIF, GIF, HEIC, MP4, MOV, WebM and MKV can.',
  ],
  'media.corrupt': [422, 'The file is damaged and cannot be read.'],
  'media.empty': [422, 'The file is empty.'],
  'media.too_many_pixels': [422, 'The picture has more pixels than can be handled.'],
  'media.too_large': [422, 'The file is larger than is allowed.'],
  'media.too_long': [422, 'The video is longer than is allowed.'],
  'media.timeout': [422, 'Preparing this took too long.'],
  'media.out_of_memory': [422, 'Preparing this needs more memory than is allowed.'],
  'media.no_video': [422, 'The file has sound but no picture.'],
  'captions.invalid': [422, 'The captions are not a WebVTT file (UTF-8).'],
  'captions.not_a_video': [400, 'Captions belong to a video.'],
  'media.failed': [422, 'It could not be prepared.'],
  'media.not_ready': [409, 'The picture is still being prepared.'],
  'media.blocked': [
    422,
    'This picture, or one very much like it, was removed by the moderators of this server. It cannot be shared again.',
  ],
  'media.unsuitable': [
    422,
    'This picture may show what not everybody wants to see. Choose another one as the picture of yourself.',
  ],
  'media.not_found': [404, 'There is no such picture.'],
  'media.gone': [410, 'The picture has been taken away.'],
  'media.address': [403, 'This address is not, or no longer, good for the picture.'],

  'report.self': [400, 'You cannot report yourself.'],
  'verification.waiting': [409, 'Your request to be verified waits already.'],
  'verification.verified': [409, 'Your account is verified already.'],
  'verification.too_soon': [409, 'Ask again 30 days after a decision; several times a day is too often.'],
  'verification.evidence_invalid': [422, 'Evidence is a JPEG, PNG, WebP or PDF file.'],
  'verification.not_found': [404, 'There is no such request.'],
  'verification.changed': [409, 'The account has another name by now. Look at it again before you decide.'],
  'verification.decided': [409, 'This request is decided already.'],

  'moderation.not_found': [404, 'There is no such case.'],
  'moderation.decided': [409, 'Somebody else has decided this already.'],
  'moderation.changed': [409, 'This was changed meanwhile. Look at it again before you decide.'],
  'moderation.act': [400, 'This cannot be done with that.'],

  'admin.last_owner': [409, 'This is the last owner. Make somebody else an owner first.'],
  'admin.reset_not_mailed': [
    409,
    'Nothing was mailed: the account is not active, or was mailed several links in this hour already.',
  ],
  'admin.email_unproven': [
    409,
    'Nobody has proven the e-mail address of this account, so nothing is mailed there.',
  ],
  'admin.until_past': [400, 'The end lies in the past.'],

  'feed.mode_unavailable': [400, 'This way of ordering the feed is not available yet.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

export type ErrorCode = keyof typeof errorCodes

export function statusOf(code: ErrorCode): number {
  return errorCodes[code][0]
}

export function sentenceOf(code: ErrorCode): string {
  return errorCodes[code][1]
}
