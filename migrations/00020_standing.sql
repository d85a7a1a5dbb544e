-- What a clinic's standing follows from, kept beside the clinic: who speaks and the page of clinics need no other table.
-- Nothing here is a status. It is the days the clinic's terms cover, written in the transaction that changes a term; what
-- they mean on a day is computed when it is asked.

-- +goose Up

-- Days within the period on which the term was suspended: of the period they were not served.
ALTER TABLE subscriptions ADD COLUMN paused_days integer NOT NULL DEFAULT 0
    CONSTRAINT subscriptions_paused_days CHECK (paused_days >= 0);

ALTER TABLE clinics
    ADD COLUMN covered   datemultirange NOT NULL DEFAULT '{}', -- days of terms that are not closed and not waiting for a suspended one
    ADD COLUMN grace     datemultirange NOT NULL DEFAULT '{}', -- days after them on which everything still works
    ADD COLUMN suspended boolean NOT NULL DEFAULT false,
    ADD COLUMN had_term  boolean NOT NULL DEFAULT false,       -- ever, closed ones too
    ADD COLUMN plan_ids  integer[] NOT NULL DEFAULT '{}';      -- of all terms; what a filter by plan looks at first

-- The status of one term on a day, as subscription.StatusOn has it in Go. held_from is the day the clinic's suspended
-- term froze, if it has one: terms behind it wait, whatever their dates, and move along when it resumes.
CREATE FUNCTION term_status(state text, close_reason text, period daterange, grace_days int, held_from date, today date)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN state = 'closed' THEN close_reason
    WHEN state <> 'live' THEN state
    WHEN today < lower(period) OR lower(period) >= held_from THEN 'upcoming'
    WHEN today < upper(period) THEN 'active'
    WHEN today < upper(period) + grace_days THEN 'grace'
    ELSE 'ended'
END;

-- The status of a clinic on a day, as subscription.ClinicStatusOn has it in Go from the terms themselves.
CREATE FUNCTION clinic_status(
    deactivated_at timestamptz, covered datemultirange, grace datemultirange, suspended boolean, had_term boolean, today date
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN deactivated_at IS NOT NULL THEN 'deactivated'
    WHEN covered @> today THEN 'active'
    WHEN suspended THEN 'suspended'
    WHEN grace @> today THEN 'grace'
    WHEN upper(covered) > today THEN 'scheduled'
    WHEN had_term THEN 'ended'
    ELSE 'inactive'
END;

-- The first day on which a status that time ends will be over; NULL for one that only people end.
CREATE FUNCTION clinic_status_until(status text, covered datemultirange, grace datemultirange, today date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE status
    WHEN 'active' THEN (SELECT upper(part) FROM unnest(covered) AS part WHERE part @> today)
    WHEN 'grace' THEN (SELECT upper(part) FROM unnest(grace) AS part WHERE part @> today)
    WHEN 'scheduled' THEN (SELECT min(lower(part)) FROM unnest(covered) AS part WHERE lower(part) > today)
END;

-- The term a clinic's standing on a day comes from, as subscription.current has it in Go: the active one, else the
-- suspended, the latest in grace, the next one, the last that was served, the last that was closed.
CREATE FUNCTION current_term(clinic bigint, today date) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT subscription_id
    FROM (
        SELECT subscription_id, state, period,
               term_status(state, close_reason, period, grace_days, min(frozen_on) OVER (), today) AS status
        FROM subscriptions
        WHERE clinic_id = clinic
          AND period IS NOT NULL
    ) AS term
    ORDER BY array_position('{active,suspended,grace,upcoming}', status),
             state = 'closed',
             CASE status WHEN 'upcoming' THEN lower(period) END,
             lower(period) DESC, subscription_id DESC
    LIMIT 1
);

-- +goose StatementBegin
CREATE FUNCTION stand_clinic(clinic bigint) RETURNS void
LANGUAGE sql AS $$
    UPDATE clinics
    SET covered   = coalesce(terms.covered, '{}'),
        grace     = coalesce(terms.grace - terms.covered, '{}'),
        suspended = terms.suspended,
        had_term  = terms.had_term,
        plan_ids  = coalesce(terms.plan_ids, '{}')
    FROM (
        SELECT range_agg(period) FILTER (WHERE serving) AS covered,
               range_agg(daterange(upper(period), upper(period) + grace_days)) FILTER (WHERE serving) AS grace,
               coalesce(bool_or(state = 'suspended'), false) AS suspended,
               coalesce(bool_or(period IS NOT NULL), false) AS had_term,
               array_agg(DISTINCT plan_id) FILTER (WHERE period IS NOT NULL) AS plan_ids
        FROM (
            SELECT state, period, grace_days, plan_id,
                   state = 'live' AND lower(period) >= min(frozen_on) OVER () IS NOT TRUE AS serving
            FROM subscriptions
            WHERE clinic_id = clinic
        ) AS term
    ) AS terms
    WHERE clinics.clinic_id = clinic;
$$;

CREATE FUNCTION stand_clinic_of_term() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM stand_clinic(NEW.clinic_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER subscriptions_stand_clinic AFTER INSERT OR UPDATE ON subscriptions
    FOR EACH ROW EXECUTE FUNCTION stand_clinic_of_term();

SELECT stand_clinic(clinic_id) FROM clinics;

-- SubscriptionChanges: what happened in a month, whatever the clinic.
CREATE INDEX subscription_events_by_time ON subscription_events (at, clinic_id, subscription_id, seq);
