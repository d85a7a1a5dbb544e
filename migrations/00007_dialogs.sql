-- The open dialog of each person: where a half-filled form stands. It may hold what a receptionist typed about an
-- owner, so only the person's own scope reaches it; the platform has no right here.

-- +goose Up

CREATE TABLE dialogs (
    telegram_id     bigint PRIMARY KEY,
    form            text NOT NULL,              -- which form; empty: none is open
    key             uuid NOT NULL,              -- names this run of it: what it saves is saved once under this key
    revision        integer NOT NULL,           -- rises with every change; buttons of an older one are dead
    state           jsonb NOT NULL,
    message_id      bigint NOT NULL,            -- the live message, edited in place; 0: none yet
    applied_updates bigint[] NOT NULL,          -- the updates handled last: seen again, they are not applied again
    updated_at      timestamptz NOT NULL,
    CONSTRAINT dialogs_form CHECK (is_plain(form, 0, 40)),
    CONSTRAINT dialogs_revision CHECK (revision >= 1),
    CONSTRAINT dialogs_applied CHECK (cardinality(applied_updates) <= 1000)
);

ALTER TABLE dialogs ENABLE ROW LEVEL SECURITY;
ALTER TABLE dialogs FORCE ROW LEVEL SECURITY;

CREATE POLICY dialogs_self ON dialogs TO vetalyze_clinic
    USING (telegram_id = app_person()) WITH CHECK (telegram_id = app_person());

GRANT SELECT, INSERT, UPDATE, DELETE ON dialogs TO vetalyze_clinic;
