-- The name under which somebody is known stayed when the rest of their request was erased: the next sweep takes these.
create index verification_requests_names_left on verification_requests (bucket, id)
  where known_as <> '' and erase_at is null and state <> 'waiting';
