-- name: AdminEnsure :exec
-- Makes admins of accounts, those once stopped too.
INSERT INTO admins (telegram_id, added_at)
SELECT unnest(@telegram_ids::bigint[]), @now::timestamptz
ON CONFLICT (telegram_id) DO UPDATE
SET stopped_at = NULL
WHERE admins.stopped_at IS NOT NULL;

-- name: AdminSetName :exec
UPDATE admins
SET name = @name::text
WHERE telegram_id = @telegram_id;

-- name: AdminList :many
SELECT admins.telegram_id, admins.added_at, people.language, people.unreachable_since
FROM admins
LEFT JOIN people USING (telegram_id)
WHERE admins.stopped_at IS NULL
ORDER BY admins.added_at, admins.telegram_id;

-- name: AdminInviteInsert :exec
INSERT INTO admin_invites (token_hash, created_at, expires_at)
VALUES (@token_hash, @now, @expires_at);

-- name: AdminInviteUse :execrows
UPDATE admin_invites
SET used_at = @now::timestamptz,
    used_by = @telegram_id::bigint
WHERE token_hash = @token_hash
  AND used_at IS NULL
  AND expires_at > @now;

-- name: InviteFind :one
-- What a token opens, an admin's place or a membership, and how often its bearer came with invented ones lately.
-- One row always; found is false for a token nobody made.
SELECT coalesce(token_failures.failures, 0)::int AS failures,
       (admin_invites.token_hash IS NOT NULL OR invites.token_hash IS NOT NULL)::boolean AS found,
       (admin_invites.token_hash IS NOT NULL)::boolean AS for_admin,
       admin_invites.expires_at AS admin_expires_at, invites.expires_at,
       coalesce(admin_invites.used_at, invites.used_at) AS used_at,
       coalesce(admin_invites.used_by, invites.used_by) AS used_by,
       invites.revoked_at,
       staff.clinic_id, staff.staff_id, staff.role, staff.full_name, staff.phone, staff.telegram_id, staff.stopped_at,
       clinics.name AS clinic_name, clinics.country_code, clinics.deactivated_at
FROM (SELECT @token_hash::bytea AS token_hash) AS token
LEFT JOIN token_failures ON token_failures.telegram_id = @telegram_id AND token_failures.since > @forget_before
LEFT JOIN admin_invites ON admin_invites.token_hash = token.token_hash
LEFT JOIN invites ON invites.token_hash = token.token_hash
LEFT JOIN staff ON staff.clinic_id = invites.clinic_id AND staff.staff_id = invites.staff_id
LEFT JOIN clinics ON clinics.clinic_id = invites.clinic_id;

-- name: TokenFailureAdd :exec
INSERT INTO token_failures (telegram_id, failures, since)
VALUES (@telegram_id, 1, @now)
ON CONFLICT (telegram_id) DO UPDATE
SET failures = CASE WHEN token_failures.since > @forget_before THEN token_failures.failures + 1 ELSE 1 END,
    since    = CASE WHEN token_failures.since > @forget_before THEN token_failures.since ELSE excluded.since END;

-- name: InviteInsert :exec
INSERT INTO invites (clinic_id, token_hash, staff_id, created_at, created_by, expires_at)
VALUES (@clinic_id, @token_hash, @staff_id, @now, @created_by, @expires_at);

-- name: InviteRevoke :exec
-- Closes the open link of a membership, expired or not.
UPDATE invites
SET revoked_at = @now::timestamptz
WHERE clinic_id = @clinic_id
  AND staff_id = @staff_id
  AND used_at IS NULL
  AND revoked_at IS NULL;

-- name: InviteUse :execrows
UPDATE invites
SET used_at = @now::timestamptz,
    used_by = @telegram_id::bigint
WHERE clinic_id = @clinic_id
  AND token_hash = @token_hash
  AND used_at IS NULL
  AND revoked_at IS NULL;

-- name: StaffLock :exec
-- Whoever adds to a clinic's staff waits here for others who do; the places are counted after.
SELECT pg_advisory_xact_lock(hashtextextended('vetalyze staff', @clinic_id::bigint));

-- name: StaffPlaces :one
-- Places taken: doctors and receptionists who have joined, or may still by an open link. Places sold: those of the
-- term that covers today, else of the one that ran last; none when the clinic never had a term.
SELECT (
           SELECT count(*)
           FROM staff
           WHERE staff.clinic_id = @clinic_id
             AND staff.role IN ('doctor', 'receptionist')
             AND staff.stopped_at IS NULL
             AND (
                 staff.telegram_id IS NOT NULL
                 OR EXISTS (
                     SELECT FROM invites
                     WHERE invites.clinic_id = staff.clinic_id
                       AND invites.staff_id = staff.staff_id
                       AND invites.used_at IS NULL
                       AND invites.revoked_at IS NULL
                       AND invites.expires_at > @now
                 )
             )
       )::int AS taken,
       coalesce((
           SELECT accounts + extra_accounts
           FROM subscriptions
           WHERE subscriptions.clinic_id = @clinic_id
             AND period IS NOT NULL
           ORDER BY state <> 'closed' AND period @> @today::date DESC, state <> 'closed' DESC, upper(period) DESC
           LIMIT 1
       ), -1)::int AS sold;

-- name: StaffInsert :one
INSERT INTO staff (clinic_id, role, full_name, phone, invited_at, invited_by, invite_key)
VALUES (@clinic_id, @role, @full_name, @phone, @now, @invited_by, sqlc.narg('invite_key'))
RETURNING staff_id;

-- name: StaffByInviteKey :one
SELECT staff_id
FROM staff
WHERE clinic_id = @clinic_id
  AND invite_key = @invite_key::uuid;

-- name: StaffLockOne :one
-- A membership, held against changes until the transaction ends.
SELECT *
FROM staff
WHERE clinic_id = @clinic_id
  AND staff_id = @staff_id
FOR UPDATE;

-- name: StaffHasOpenInvite :one
SELECT EXISTS (
    SELECT FROM invites
    WHERE clinic_id = @clinic_id
      AND staff_id = @staff_id
      AND used_at IS NULL
      AND revoked_at IS NULL
      AND expires_at > @now
);

-- name: StaffBind :exec
-- The membership moves to the account, and is cut off from any other.
UPDATE staff
SET telegram_id = @telegram_id::bigint,
    joined_at   = @now::timestamptz,
    version     = version + 1
WHERE clinic_id = @clinic_id
  AND staff_id = @staff_id;

-- name: StaffStop :execrows
UPDATE staff
SET stopped_at = @now::timestamptz,
    stopped_by = @stopped_by::bigint,
    version    = version + 1
WHERE clinic_id = @clinic_id
  AND staff_id = @staff_id
  AND stopped_at IS NULL;

-- name: StaffReactivate :exec
UPDATE staff
SET stopped_at = NULL,
    stopped_by = NULL,
    version    = version + 1
WHERE clinic_id = @clinic_id
  AND staff_id = @staff_id
  AND stopped_at IS NOT NULL;

-- name: StaffList :many
-- Everybody who is or was at the clinic: the owner, then those at work, then the stopped.
SELECT staff.*, open_invite.expires_at AS link_expires_at
FROM staff
LEFT JOIN invites AS open_invite
       ON open_invite.clinic_id = staff.clinic_id
      AND open_invite.staff_id = staff.staff_id
      AND open_invite.used_at IS NULL
      AND open_invite.revoked_at IS NULL
WHERE staff.clinic_id = @clinic_id
ORDER BY staff.stopped_at IS NOT NULL, staff.role <> 'clinic_owner', staff.full_name, staff.staff_id;

-- name: StaffLockOwner :one
-- The membership of a clinic's owner, held against changes until the transaction ends.
SELECT staff.staff_id, staff.full_name, clinics.name AS clinic_name
FROM staff
JOIN clinics USING (clinic_id)
WHERE staff.clinic_id = @clinic_id
  AND staff.role = 'clinic_owner'
  AND staff.stopped_at IS NULL
ORDER BY staff.staff_id
LIMIT 1
FOR UPDATE OF staff;
