-- What a person chose beside the crop: a filter by its id, and adjustments.
alter table media
  add column filter text,
  add column edits jsonb;
