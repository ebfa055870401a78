-- Photographs, films and voice notes of Stories and messages.

alter table media drop constraint media_media_type_check;
alter table media add constraint media_media_type_check check (media_type in ('photo', 'video', 'voice'));

-- What it became part of, when that is no post: a Story or a message, in whatever bucket.
alter table media add column part_of bigint;
-- How it meets the tall frame of a Story; null: all of it is shown.
alter table media add column fit text collate "C" check (fit in ('fit', 'crop'));
-- The colour that there is most of: #rrggbb.
alter table media add column color text collate "C";
-- Of a voice note: 64 bytes, each from 0 to 100.
alter table media add column waveform bytea;
alter table media add column audio_key text collate "C";
-- It may show what not everybody wants to see; of messages alone, which nobody looks at before they arrive.
alter table media add column sensitive boolean not null default false;

-- `leaving`: what was uploaded goes as soon as there is what is shown of it.
alter table media add column master_state text collate "C" not null default 'kept'
  check (master_state in ('kept', 'leaving', 'gone'));
create index media_masters_leaving on media (created_at) where master_state = 'leaving';
