-- Second factors and passkeys, in the bucket of the person whose they are.

create table totp_factors (
  bucket smallint not null,
  user_id bigint not null,
  -- AES-256-GCM with a key of secrets.json, bound to the account.
  sealed_secret bytea not null,
  -- Null until a first code has shown that an app has the secret: until then no code is asked for.
  confirmed_at timestamptz,
  -- Step of 30 s whose code was used last: of it and of those before none is good any more.
  last_step bigint not null,
  -- Codes looked at since `tries_since`, over all addresses and processes.
  tries smallint not null,
  tries_since timestamptz not null,
  primary key (bucket, user_id)
);

create table recovery_codes (
  bucket smallint not null,
  user_id bigint not null,
  -- argon2id; the salt is the same for all codes of one set, so that one hash finds the row.
  code_hash bytea not null,
  salt bytea not null,
  used_at timestamptz,
  primary key (bucket, user_id, code_hash)
);

create table passkeys (
  bucket smallint not null,
  user_id bigint not null,
  id bigint not null,
  credential_id text collate "C" not null,
  public_key bytea not null,
  -- Of authenticators that count; copies of a passkey on several devices do not, and say 0.
  counter bigint not null,
  transports text[] not null,
  is_synced boolean not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  primary key (bucket, user_id, id)
);

-- A credential belongs to one account: a row in the bucket of its hash.
create table passkey_claims (
  bucket smallint not null,
  credential_id text collate "C" not null,
  user_id bigint not null,
  passkey_id bigint not null,
  primary key (bucket, credential_id)
);

-- The password was right, the second step is missing.
create table sign_in_challenges (
  bucket smallint not null,
  challenge_hash bytea not null,
  user_id bigint not null,
  tries_left smallint not null,
  expires_at timestamptz not null,
  primary key (bucket, challenge_hash)
);
create index sign_in_challenges_by_user on sign_in_challenges (bucket, user_id);
create index sign_in_challenges_by_expiry on sign_in_challenges (expires_at);

-- Challenges of passkeys are signed and not kept; once one was answered it stands here, in the bucket of its hash.
create table used_passkey_challenges (
  bucket smallint not null,
  challenge text collate "C" not null,
  expires_at timestamptz not null,
  primary key (bucket, challenge)
);
create index used_passkey_challenges_by_expiry on used_passkey_challenges (expires_at);
