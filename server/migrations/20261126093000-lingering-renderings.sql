-- A rendering whose place another one of the same picture took: pages that show it may go on with it until its objects go.
alter table media add column lingering_token text collate "C";
