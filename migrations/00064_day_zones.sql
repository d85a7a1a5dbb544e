-- A zone that PostgreSQL knew when it was written may be unknown after an upgrade, of PostgreSQL or of the system's tz database. So
-- what a clinic's days go by stands beside the zone that was chosen: that zone as long as it is known, else the platform's. To
-- ask for each row whether a zone is known would cost finding who speaks a twentieth, and the admins' page its double.

-- +goose Up

ALTER TABLE clinics ADD COLUMN day_zone text;

-- Without FORCE the table's owner sees all clinics.
ALTER TABLE clinics NO FORCE ROW LEVEL SECURITY;
UPDATE clinics SET day_zone = known_zone(time_zone, 'UTC');
ALTER TABLE clinics FORCE ROW LEVEL SECURITY;

ALTER TABLE clinics ALTER COLUMN day_zone SET NOT NULL;

-- As a check, a lost zone would refuse every change of its clinic, and the whole table when a backup is restored.
ALTER TABLE clinics DROP CONSTRAINT clinics_time_zone;
ALTER TABLE countries DROP CONSTRAINT countries_time_zone;

-- +goose StatementBegin
CREATE FUNCTION keep_day_zone() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.time_zone <> OLD.time_zone THEN
        NEW.day_zone := known_zone(NEW.time_zone, 'UTC'); -- the platform's is not known here; ZonesMoved tells
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION refuse_unknown_zone() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM timezone(NEW.time_zone, timestamptz 'epoch');
    RETURN NEW;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER clinics_day_zone BEFORE INSERT OR UPDATE OF time_zone ON clinics
    FOR EACH ROW EXECUTE FUNCTION keep_day_zone();

-- Where zones are typed they must be known. A clinic takes its country's.
CREATE TRIGGER countries_time_zone BEFORE INSERT OR UPDATE OF time_zone ON countries
    FOR EACH ROW EXECUTE FUNCTION refuse_unknown_zone();
