-- What a video has beyond its poster, which lies in the columns of a photograph's renditions.
alter table media add column duration_ms integer;
alter table media add column has_audio boolean;
alter table media add column video_key text collate "C";
-- The master playlist; everything that it leads to lies in its folder.
alter table media add column hls_key text collate "C";
-- Percent of the rendering under way; null: not begun.
alter table media add column progress smallint;
alter table media add column captions_key text collate "C";
-- The upload that they came from, so that asking twice does it once.
alter table media add column captions_upload_id bigint;
