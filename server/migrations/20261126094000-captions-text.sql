-- What captions say, for those who have to know it: the objects themselves are only served.
alter table media add column captions_text text;
