-- Who speaks and the lists of reference are asked for with every update, how many clinics there are of each status with every page
-- of clinics, and all of it seldom changes: so the bot remembers it. What changes it says so: an announcement is made by the transaction itself, whoever runs it and however, and is heard when the change is
-- there to be seen.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION announce_person() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.telegram_id IS NOT NULL THEN
        PERFORM pg_notify('vetalyze', 'person ' || OLD.telegram_id);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.telegram_id IS NOT NULL THEN
        PERFORM pg_notify('vetalyze', 'person ' || NEW.telegram_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION announce_clinic() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vetalyze', 'clinic ' || coalesce(NEW.clinic_id, OLD.clinic_id));
    RETURN NULL;
END
$$;

CREATE FUNCTION announce_lists() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vetalyze', 'lists');
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- An account, a membership and an admin. Who is not known yet is not remembered either.
CREATE TRIGGER people_announced AFTER UPDATE OF language, chosen_clinic_id, menu, unreachable_since OR DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION announce_person();
CREATE TRIGGER staff_announced AFTER INSERT OR UPDATE OR DELETE ON staff
    FOR EACH ROW EXECUTE FUNCTION announce_person();
CREATE TRIGGER admins_announced AFTER INSERT OR UPDATE OR DELETE ON admins
    FOR EACH ROW EXECUTE FUNCTION announce_person();

-- A clinic, with what its terms cover: stand_clinic writes that here.
CREATE TRIGGER clinics_announced AFTER INSERT OR UPDATE OR DELETE ON clinics
    FOR EACH ROW EXECUTE FUNCTION announce_clinic();

CREATE TRIGGER countries_announced AFTER INSERT OR UPDATE OR DELETE ON countries
    FOR EACH STATEMENT EXECUTE FUNCTION announce_lists();
CREATE TRIGGER species_announced AFTER INSERT OR UPDATE OR DELETE ON species
    FOR EACH STATEMENT EXECUTE FUNCTION announce_lists();
CREATE TRIGGER channels_announced AFTER INSERT OR UPDATE OR DELETE ON channels
    FOR EACH STATEMENT EXECUTE FUNCTION announce_lists();
CREATE TRIGGER payment_methods_announced AFTER INSERT OR UPDATE OR DELETE ON payment_methods
    FOR EACH STATEMENT EXECUTE FUNCTION announce_lists();
CREATE TRIGGER plans_announced AFTER INSERT OR UPDATE OR DELETE ON plans
    FOR EACH STATEMENT EXECUTE FUNCTION announce_lists();
