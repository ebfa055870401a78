-- Names that an account gave up lately are counted before it takes another one; few rows have `released_until`.
create index username_claims_given_up on username_claims (user_id) where released_until is not null;
