package db_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The clinics of house, and who works there.
const (
	ours, theirs          int64 = 1, 2
	ourPerson, hisPerson  int64 = 1001, 2002
	ourOwner, theirsOwner int64 = 101, 201
)

// house is a database with two clinics, each with a row in every tenant table.
type house struct {
	url  string
	db   *db.DB
	root *pgxpool.Pool // a superuser, whom no policy stops
}

func newHouse(t *testing.T, options ...db.Option) *house {
	t.Helper()
	return houseAt(t, pgtest.URL(t), options...)
}

// houseAt furnishes the migrated and empty database at an address.
func houseAt(t *testing.T, url string, options ...db.Option) *house {
	t.Helper()
	h := &house{url: url}
	var err error
	if h.root, err = pgxpool.New(t.Context(), h.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.root.Close)
	if h.db, err = db.Open(t.Context(), h.url, options...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)

	h.do(t, `INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency)
	         VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP')`)
	h.furnish(t, ours, ourPerson, ourOwner)
	h.furnish(t, theirs, hisPerson, theirsOwner)
	return h
}

// furnish puts one row of a clinic into every tenant table, and one of a person into the others.
func (h *house) furnish(t *testing.T, clinic, person, owner int64) {
	t.Helper()
	n := fmt.Sprint(clinic)
	h.do(t, `INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
	         VALUES ($1, 'Clinic', 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1)`, clinic)
	h.do(t, `INSERT INTO people (telegram_id, language, chosen_clinic_id) VALUES ($1, 'ar', $2)`, person, clinic)
	h.do(t, `INSERT INTO staff (clinic_id, staff_id, role, full_name, phone, invited_by, telegram_id, joined_at)
	         VALUES ($1, $2, 'doctor', 'Doctor', '+201000000001', 1, $3, now())`, clinic, clinic*10, person)
	h.do(t, `INSERT INTO invites (clinic_id, token_hash, staff_id, created_by, expires_at)
	         VALUES ($1, sha256($2::text::bytea), $3, 1, now() + interval '1 day')`, clinic, n, clinic*10)
	h.do(t, `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES ($1, $2, 'Ahmed', '+201000000002')`, clinic, owner)
	h.do(t, `INSERT INTO pets (clinic_id, pet_id, owner_id, name, species_id) VALUES ($1, $2, $3, 'Rex', 1)`, clinic, owner+1, owner)
	h.do(t, `INSERT INTO changes (clinic_id, change_id, owner_id, pet_id, staff_id, at, kind, field, before, after)
	         VALUES ($1, $1::bigint * 1000, $2, $3, $4, now(), 'changed', 'name', 'Max', 'Rex')`, clinic, owner, owner+1, clinic*10)
	// Without its second owner: one owner to a clinic keeps the tests plain.
	h.do(t, fmt.Sprintf(`SET session_replication_role = replica;
	         INSERT INTO merges (clinic_id, owner_id, twin_id, merge_key, merged_at, merged_by, moves)
	         VALUES (%d, %d, %d, gen_random_uuid(), now(), %d, '[]');
	         SET session_replication_role = origin`, clinic, owner, owner+5, clinic*10))
	h.do(t, `INSERT INTO clinic_editions (clinic_id, edition, begun_at) VALUES ($1, 1, now())`, clinic)
	h.do(t, `INSERT INTO searches (clinic_id, staff_id, slot, number, typed, searched_at)
	         VALUES ($1, $2, 1, 1, 'ahmed', now())`, clinic, clinic*10)
	h.do(t, `INSERT INTO subscriptions (clinic_id, subscription_id, state, period, plan_id, plan_name_en, plan_name_ar,
	                                    duration_days, accounts, price_minor, currency, grace_days, created_by)
	         VALUES ($1, $1, 'live', '[2026-03-01,2026-03-31)', 1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7, 1)`, clinic)
	h.do(t, `INSERT INTO subscription_events (clinic_id, subscription_id, seq, kind, at, idempotency_key)
	         VALUES ($1, $1, 1, 'created', now(), gen_random_uuid())`, clinic)
	h.do(t, `INSERT INTO payments (clinic_id, payment_id, subscription_id, kind, amount_minor, currency, method_id, paid_on,
	                               created_at, created_by, idempotency_key)
	         VALUES ($1, $1::bigint * 1000, $1, 'payment', 50000, 'EGP', 1, '2026-03-01', now(), 1, gen_random_uuid())`, clinic)
	h.do(t, `INSERT INTO notifications (clinic_id, subscription_id, end_date, step, telegram_id, kind, planned_at, due_at, next_attempt_at)
	         VALUES ($1, $1, '2026-03-31', -7, $2, 'reminder', now(), now(), now())`, clinic, person)
	h.do(t, `INSERT INTO dialogs (telegram_id, form, key, revision, state, message_id, applied_updates, updated_at)
	         VALUES ($1, 'register', gen_random_uuid(), 1, '{}', 0, '{}', now())`, person)
}

// do runs a statement as the superuser.
func (h *house) do(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := h.root.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// as returns a connection under a role, for nobody.
func (h *house) as(t *testing.T, role string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "SET ROLE "+role); err != nil {
		t.Fatal(err)
	}
	return conn
}

// column returns the first column of all rows.
func column[T any](t *testing.T, conn db.DBTX, sql string, args ...any) []T {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return values
}
