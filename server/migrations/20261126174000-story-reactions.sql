-- Reactions are counted beside the views.
alter table story_view_counts add column reactions integer not null default 0;
