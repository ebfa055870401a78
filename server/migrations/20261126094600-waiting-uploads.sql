-- What a person has uploaded and not used is summed at each new upload; all they ever uploaded is not read for it.
create index uploads_waiting on uploads (bucket, owner_id) where state in ('uploading', 'complete');
