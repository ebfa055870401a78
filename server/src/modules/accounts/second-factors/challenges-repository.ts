import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'

export async function insertSignInChallenge(
  tx: Tx,
  { userId, hash, tries, expiresAt }: { userId: Id; hash: Buffer; tries: number; expiresAt: Date },
): Promise<void> {
  const row = { challenge_hash: hash, user_id: userId, tries_left: tries, expires_at: expiresAt }
  await tx
    .insertInto('sign_in_challenges')
    .values({ bucket: bucketOf(userId), ...row })
    .execute()
}

/** How many tries are left after this one; undefined: it is none that is open. */
export async function takeSignInTry(
  db: Db,
  userId: Id,
  hash: Buffer,
  now: Date,
): Promise<number | undefined> {
  const taken = await db
    .updateTable('sign_in_challenges')
    .set((to) => ({ tries_left: to('tries_left', '-', 1) }))
    .where('bucket', '=', bucketOf(userId))
    .where('challenge_hash', '=', hash)
    .where('user_id', '=', userId)
    .where('tries_left', '>', 0)
    .where('expires_at', '>', now)
    .returning('tries_left')
    .executeTakeFirst()
  return taken?.tries_left
}

/** False when somebody was quicker, or everything of the account was ended meanwhile. */
export async function endSignInChallenge(tx: Tx, userId: Id, hash: Buffer): Promise<boolean> {
  const ended = await tx
    .deleteFrom('sign_in_challenges')
    .where('bucket', '=', bucketOf(userId))
    .where('challenge_hash', '=', hash)
    .returning('user_id')
    .executeTakeFirst()
  return ended !== undefined
}

/** Whoever is at the second step begins anew: with the sessions of an account what leads to one ends too. */
export async function deleteSignInChallengesOf(tx: Tx, userId: Id): Promise<void> {
  await tx
    .deleteFrom('sign_in_challenges')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .execute()
}

/** False when it was answered before. */
export async function usePasskeyChallenge(tx: Tx, challenge: string, expiresAt: Date): Promise<boolean> {
  const used = await tx
    .insertInto('used_passkey_challenges')
    .values({ bucket: bucketOfName(challenge), challenge, expires_at: expiresAt })
    .onConflict((conflict) => conflict.columns(['bucket', 'challenge']).doNothing())
    .returning('challenge')
    .executeTakeFirst()
  return used !== undefined
}

export async function deleteExpiredChallenges(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('sign_in_challenges').where('expires_at', '<=', now).execute()
  await db.deleteFrom('used_passkey_challenges').where('expires_at', '<=', now).execute()
}
