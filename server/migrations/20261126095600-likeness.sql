-- What pictures are recognised by besides their first hash: the whole photograph, however it was cut, and pictures from
-- all over a film. 8 bytes each. Null for what was prepared before.
alter table media add column whole_hash bytea, add column frame_hashes bytea;
alter table blocked_pictures add column whole_hash bytea, add column frame_hashes bytea;
