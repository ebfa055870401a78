-- Requests to be verified, in the person's bucket. The evidence itself lies in the store of media, under its upload.
create table verification_requests (
  bucket smallint not null,
  id bigint not null,
  user_id bigint not null,
  category text collate "C" not null,
  -- Empty once the evidence is erased.
  full_name text not null,
  known_as text not null,
  links jsonb not null,
  -- [{ id, type, bytes }]; empty once it is erased.
  evidence jsonb not null,
  state text collate "C" not null
    check (state in ('waiting', 'granted', 'refused', 'withdrawn', 'revoked', 'lost')),
  reason text not null,
  created_at timestamptz not null,
  decided_at timestamptz,
  -- When what is private in it is to be erased; null: not yet, or it is.
  erase_at timestamptz,
  primary key (bucket, id),
  foreign key (bucket, user_id) references users (bucket, id)
);
create unique index verification_requests_waiting on verification_requests (bucket, user_id) where state = 'waiting';
create index verification_requests_by_person on verification_requests (bucket, user_id, id desc);
create index verification_requests_by_state on verification_requests (state, id);
create index verification_requests_to_erase on verification_requests (erase_at) where erase_at is not null;
