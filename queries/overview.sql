-- name: OverviewPage :many
-- What begins and ends these days, of all clinics, each by the day it is in its own zone: how many clinics there are in each
-- section, and those after the last of the page before, section by section. There is always a row: one without a clinic when
-- the page is empty. Sections: 1 starting today, 2 ending within seven days with no term behind, 3 in grace, 4 ended within
-- seven, 5 those of 2 to 4 whose owner cannot be reached. A clinic's day is what its section is about, its key the order.
WITH zones AS MATERIALIZED ( -- what day it is, and the next seven days, once for each zone
    SELECT days.name, days.zone, days.today, daterange(days.today, days.today + 7 + 1) AS soon
    FROM (
        SELECT known.name, known.zone, timezone(known.zone, @now::timestamptz)::date AS today
        FROM (
            SELECT names.name, known_zone(names.name, @platform_zone::text) AS zone
            FROM (SELECT DISTINCT time_zone AS name FROM clinics) AS names
            OFFSET 0 -- each name is looked up once
        ) AS known
        OFFSET 0
    ) AS days
),
standing AS MATERIALIZED ( -- one look at each clinic; those that go on for longer than that are left out first
    SELECT clinic.clinic_id, clinic.zone, clinic.today, clinic.status, clinic.covered, clinic.grace
    FROM (
        SELECT clinics.clinic_id, clinics.covered, clinics.grace, zones.zone, zones.today,
               clinic_status(clinics.deactivated_at, clinics.covered, clinics.grace, clinics.suspended, clinics.had_term,
                             zones.today) AS status
        FROM clinics
        JOIN zones ON zones.name = clinics.time_zone
        WHERE NOT clinics.covered @> zones.soon
        OFFSET 0 -- each clinic's status once, not once for each use
    ) AS clinic
    WHERE clinic.status IN ('active', 'grace', 'ended')
),
starting AS MATERIALIZED (
    SELECT terms.clinic_id, terms.first_day
    FROM (
        SELECT subscriptions.clinic_id, lower(subscriptions.period) AS first_day
        FROM subscriptions
        WHERE subscriptions.state = 'live'
          AND upper(subscriptions.period) > (@now::timestamptz)::date - 2 -- whatever the zone; for the index
          AND lower(subscriptions.period) BETWEEN (@now::timestamptz)::date - 1 AND (@now::timestamptz)::date + 1
        OFFSET 0 -- these few first, then their clinics
    ) AS terms
    JOIN clinics ON clinics.clinic_id = terms.clinic_id
    JOIN zones ON zones.name = clinics.time_zone
    WHERE terms.first_day = zones.today
      AND clinics.deactivated_at IS NULL
      AND clinics.covered @> zones.today -- a term that waits behind a suspended one does not begin
),
closed AS ( -- a clinic whose last term was refunded or cancelled has ended that day
    SELECT subscriptions.clinic_id, max(subscriptions.closed_at) AS closed_at
    FROM subscriptions
    WHERE subscriptions.state = 'closed'
      AND subscriptions.closed_at > @closed_since::timestamptz -- whatever the zone; for the index
    GROUP BY subscriptions.clinic_id
),
ended AS (
    SELECT standing.clinic_id, standing.today,
           greatest(upper(standing.covered), upper(standing.grace), timezone(standing.zone, closed.closed_at)::date) AS since
    FROM standing
    LEFT JOIN closed ON closed.clinic_id = standing.clinic_id
    WHERE standing.status = 'ended'
),
due AS MATERIALIZED (
    SELECT CASE standing.status WHEN 'active' THEN 2 ELSE 3 END AS section, standing.clinic_id, standing.today,
           clinic_status_until(standing.status, standing.covered, standing.grace, standing.today) AS day
    FROM standing
    WHERE standing.status IN ('active', 'grace')
    UNION ALL
    SELECT 4, ended.clinic_id, ended.today, ended.since
    FROM ended
    WHERE ended.since > ended.today - 7
),
listed AS MATERIALIZED (
    SELECT 1 AS section, starting.clinic_id, starting.first_day AS today, starting.first_day AS day, '' AS reach
    FROM starting
    UNION ALL
    SELECT due.section, due.clinic_id, due.today, due.day, ''
    FROM due
    UNION ALL
    SELECT 5, due.clinic_id, due.today, due.day, CASE WHEN count(staff.staff_id) = 0 THEN 'not_joined' ELSE 'blocked' END
    FROM due
    LEFT JOIN staff
      ON staff.clinic_id = due.clinic_id
     AND staff.role = 'clinic_owner'
     AND staff.telegram_id IS NOT NULL
     AND staff.stopped_at IS NULL
    LEFT JOIN people ON people.telegram_id = staff.telegram_id
    GROUP BY due.section, due.clinic_id, due.today, due.day
    HAVING count(staff.staff_id) FILTER (WHERE people.unreachable_since IS NULL) = 0
)
SELECT counted.starting::int AS starting, counted.ending::int AS ending, counted.grace::int AS grace,
       counted.ended::int AS ended, counted.unreachable::int AS unreachable,
       coalesce(page.section, 0)::int AS section, coalesce(page.key, 0)::int AS key,
       coalesce(page.clinic_id, 0)::bigint AS clinic_id, coalesce(page.reach, '')::text AS reach,
       coalesce(page.today, '0001-01-01')::date AS today, coalesce(page.day, '0001-01-01')::date AS day,
       coalesce(clinics.name, '')::text AS clinic_name, coalesce(clinics.owner_name, '')::text AS owner_name,
       coalesce(clinics.owner_phone, '')::text AS owner_phone, coalesce(clinics.country_code, '')::text AS country_code,
       coalesce(term.plan_name_en, '')::text AS plan_name_en, coalesce(term.plan_name_ar, '')::text AS plan_name_ar,
       coalesce(term.ends_on, '0001-01-01')::date AS ends_on
FROM (
    SELECT count(*) FILTER (WHERE listed.section = 1) AS starting, count(*) FILTER (WHERE listed.section = 2) AS ending,
           count(*) FILTER (WHERE listed.section = 3) AS grace, count(*) FILTER (WHERE listed.section = 4) AS ended,
           count(*) FILTER (WHERE listed.section = 5) AS unreachable
    FROM listed
) AS counted
LEFT JOIN (
    SELECT keyed.section, keyed.key, keyed.clinic_id, keyed.reach, keyed.today, keyed.day
    FROM (
        SELECT listed.section, listed.clinic_id, listed.reach, listed.today, listed.day, -- what has ended, the latest first
               CASE listed.section WHEN 4 THEN date '2000-01-01' - listed.day ELSE listed.day - date '2000-01-01' END AS key
        FROM listed
    ) AS keyed
    WHERE (keyed.section, keyed.key, keyed.clinic_id) > (@after_section::int, @after_key::int, @after_clinic::bigint)
    ORDER BY keyed.section, keyed.key, keyed.clinic_id
    LIMIT @page_size::int
) AS page ON true
LEFT JOIN clinics ON clinics.clinic_id = page.clinic_id
LEFT JOIN LATERAL (
    SELECT subscriptions.plan_name_en, subscriptions.plan_name_ar, upper(subscriptions.period) AS ends_on
    FROM subscriptions
    WHERE subscriptions.clinic_id = page.clinic_id
      AND subscriptions.subscription_id = current_term(page.clinic_id, page.today)
) AS term ON true
ORDER BY page.section, page.key, page.clinic_id;
