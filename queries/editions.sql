-- name: ClinicEdition :one
-- The edition of the clinic's lists that this server has got to, how long ago it was begun, and whether the server is a
-- replica. Asked of the primary and of a replica, it says whether the replica has all that the primary had when asked.
SELECT coalesce(max(edition), 0)::bigint AS edition,
       coalesce(extract(epoch FROM clock_timestamp() - max(begun_at)), 0)::float8 AS age_seconds,
       pg_is_in_recovery()::boolean AS is_replica
FROM clinic_editions
WHERE clinic_id = app_clinic();

-- name: PlatformEdition :one
-- The same for the platform's lists.
SELECT coalesce(max(edition), 0)::bigint AS edition,
       coalesce(extract(epoch FROM clock_timestamp() - max(begun_at)), 0)::float8 AS age_seconds,
       pg_is_in_recovery()::boolean AS is_replica
FROM platform_edition;
