-- Until when a clinic's status lasts, in a form that PostgreSQL puts into the statement that asks. With its sub-selects the
-- function was planned anew in every statement, which took longer than all the rest of finding who speaks.

-- +goose Up

-- The first day on which a status that time ends will be over; NULL for one that only people end. From today on it is the
-- first day that the days of the status leave out, or for a scheduled clinic the first that is covered.
CREATE OR REPLACE FUNCTION clinic_status_until(status text, covered datemultirange, grace datemultirange, today date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE status
    WHEN 'active' THEN lower(datemultirange(daterange(today, NULL)) - covered)
    WHEN 'grace' THEN lower(datemultirange(daterange(today, NULL)) - grace)
    WHEN 'scheduled' THEN lower(datemultirange(daterange(today, NULL)) * covered)
END;
