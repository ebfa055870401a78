-- Somebody who signed up and is not let in yet. Rows of before keep what the old rule promised: nothing is read anew.
alter table users drop constraint users_state_check;
alter table users add constraint users_state_known
  check (state in ('waiting', 'active', 'deactivated', 'suspended', 'deleted')) not valid;
create index users_waiting on users (id) where state = 'waiting';

-- In the bucket of whoever invites; of the operator, in bucket 0.
create table invitations (
  bucket smallint not null,
  id bigint not null,
  created_by bigint,
  code_hash bytea not null,
  note text not null,
  max_uses integer not null,
  used integer not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);
create index invitations_by_person on invitations (bucket, created_by, id desc);
create index invitations_by_end on invitations (expires_at);

-- In the bucket of whoever came by it.
create table invited (
  bucket smallint not null,
  user_id bigint not null,
  invitation_id bigint not null,
  invited_by bigint,
  primary key (bucket, user_id)
);
