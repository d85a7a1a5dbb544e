-- Editions: which state of a clinic, or of the platform, a copy of the database has got to. A list may be read from a replica
-- if that holds the edition the primary has (db.Scope.Listing), so that nobody misses there what they have just written.
--
-- A statement that writes what lists show begins the next edition, in its own transaction: whoever sees the edition sees the
-- write. The row stays locked until the transaction ends, so editions become visible in their order and a higher one holds
-- all the lower ones.

-- +goose Up

CREATE TABLE clinic_editions (
    clinic_id bigint NOT NULL,
    edition   bigint NOT NULL,
    begun_at  timestamptz NOT NULL,             -- by the primary's clock: how far a replica without it is behind
    CONSTRAINT clinic_editions_pkey PRIMARY KEY (clinic_id),
    CONSTRAINT clinic_editions_clinic_fkey FOREIGN KEY (clinic_id) REFERENCES clinics (clinic_id) ON DELETE CASCADE
) WITH (fillfactor = 50);                       -- changed in place, again and again

CREATE TABLE platform_edition (
    single   boolean NOT NULL DEFAULT true,     -- there is one row
    edition  bigint NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT platform_edition_pkey PRIMARY KEY (single),
    CONSTRAINT platform_edition_single CHECK (single)
) WITH (fillfactor = 50);

INSERT INTO platform_edition (edition, begun_at) VALUES (0, now());

-- +goose StatementBegin
CREATE FUNCTION clinic_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE clinic_editions SET edition = edition + 1, begun_at = clock_timestamp() WHERE clinic_id = app_clinic();
    IF NOT FOUND THEN -- the clinic's first; a clinic that is not there has none
        INSERT INTO clinic_editions AS kept (clinic_id, edition, begun_at)
        SELECT clinic_id, 1, clock_timestamp() FROM clinics WHERE clinic_id = app_clinic()
        ON CONFLICT (clinic_id) DO UPDATE SET edition = kept.edition + 1, begun_at = EXCLUDED.begun_at;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION platform_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE platform_edition SET edition = edition + 1, begun_at = clock_timestamp();
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- The tables a clinic's lists are made of; search_terms and owner_counts follow from them. Who writes for no clinic (load, a
-- superuser by hand) waits for no edition.
CREATE TRIGGER owners_edition AFTER INSERT OR UPDATE OR DELETE ON owners
    FOR EACH STATEMENT WHEN (app_clinic() IS NOT NULL) EXECUTE FUNCTION clinic_written();
CREATE TRIGGER pets_edition AFTER INSERT OR UPDATE OR DELETE ON pets
    FOR EACH STATEMENT WHEN (app_clinic() IS NOT NULL) EXECUTE FUNCTION clinic_written();

-- The same for the platform's lists, written by the platform. What clinics write of their staff is not on them.
CREATE TRIGGER clinics_edition AFTER INSERT OR UPDATE OR DELETE ON clinics
    FOR EACH STATEMENT WHEN (current_user = 'vetalyze_platform') EXECUTE FUNCTION platform_written();
CREATE TRIGGER subscriptions_edition AFTER INSERT OR UPDATE OR DELETE ON subscriptions
    FOR EACH STATEMENT WHEN (current_user = 'vetalyze_platform') EXECUTE FUNCTION platform_written();
CREATE TRIGGER staff_edition AFTER INSERT OR UPDATE OR DELETE ON staff
    FOR EACH STATEMENT WHEN (current_user = 'vetalyze_platform') EXECUTE FUNCTION platform_written();
CREATE TRIGGER countries_edition AFTER INSERT OR UPDATE OR DELETE ON countries
    FOR EACH STATEMENT WHEN (current_user = 'vetalyze_platform') EXECUTE FUNCTION platform_written();

ALTER TABLE clinic_editions  ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinic_editions  FORCE ROW LEVEL SECURITY;
ALTER TABLE platform_edition ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_edition FORCE ROW LEVEL SECURITY;

CREATE POLICY clinic_editions_own ON clinic_editions TO vetalyze_clinic
    USING (clinic_id = app_clinic()) WITH CHECK (clinic_id = app_clinic());
CREATE POLICY platform_edition_platform ON platform_edition TO vetalyze_platform
    USING (true) WITH CHECK (true);

-- The triggers write with the rights of whoever writes.
GRANT SELECT, INSERT, UPDATE ON clinic_editions TO vetalyze_clinic;
GRANT SELECT, UPDATE ON platform_edition TO vetalyze_platform;
