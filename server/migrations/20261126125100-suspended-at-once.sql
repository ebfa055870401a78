-- A suspension is part of its decision's transaction: nothing is left to carry out later.
alter table moderation_cases drop column carried_out_at;
