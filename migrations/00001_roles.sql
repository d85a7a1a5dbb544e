-- The two roles every connection works under (SET ROLE after connecting), and the settings that say for whom.
-- Roles belong to the whole cluster: another database of it may have made them, or be making them right now.

-- +goose Up

-- +goose StatementBegin
DO $$
DECLARE
    wanted    text;
    privilege CONSTANT text := CASE
        WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET'
        ELSE 'MEMBER'
    END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['vetalyze_clinic', 'vetalyze_platform'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;

        -- A superuser may take any role; anybody else must be a member. Two databases migrated at once by one
        -- user grant the same membership: the slower one fails on the row and finds it done when it looks again.
        FOR attempt IN 1..50 LOOP
            EXIT WHEN pg_has_role(current_user, wanted, privilege);
            BEGIN
                EXECUTE format('GRANT %I TO %I', wanted, current_user);
            EXCEPTION
                WHEN unique_violation OR internal_error THEN PERFORM pg_sleep(0.05);
            END;
        END LOOP;
    END LOOP;
END
$$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA public TO vetalyze_clinic, vetalyze_platform;

-- The clinic the transaction works for; NULL, which equals no row, when none was set.
CREATE FUNCTION app_clinic() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.clinic_id', true), '')::bigint;

-- The Telegram account the transaction works for; NULL when none was set.
CREATE FUNCTION app_person() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.telegram_id', true), '')::bigint;

-- Whether a text that people read is fit to keep: of a fair length, without space around it, without control
-- characters (they break messages) and without direction overrides (they forge them).
CREATE FUNCTION is_plain(words text, shortest int, longest int) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN char_length(words) BETWEEN shortest AND longest
    AND words = btrim(words)
    AND words !~ '[\u0001-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]';

-- A phone as it is stored: E.164.
CREATE FUNCTION is_phone(number text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN number ~ '^\+[1-9][0-9]{6,14}$';
