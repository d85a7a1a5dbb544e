package db_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"vetalyze/db"
)

// codes is how many codes there are: 31 letters, seven places.
const codes = 31 * 31 * 31 * 31 * 31 * 31 * 31

func TestCodesAreOneToOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rapid.Check(t, func(r *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.Int64Range(0, codes-1), 1, 200, rapid.ID).Draw(r, "ids")
		var wrong, distinct int
		err := h.root.QueryRow(t.Context(), `
			SELECT count(*) FILTER (WHERE registry_id(code) IS DISTINCT FROM id OR code !~ '^[2-9A-HJKMNP-Z]{7}$'),
			       count(DISTINCT code)
			FROM unnest($1::bigint[]) id, registry_code(id) code`, ids).Scan(&wrong, &distinct)
		if err != nil || wrong > 0 || distinct != len(ids) {
			r.Fatalf("%d wrong, %d distinct of %d, %v", wrong, distinct, len(ids), err)
		}
	})
}

func TestCodesFromTheFirstOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var distinct int
	var alike float64 // places in which the codes of neighbours agree; 7/31 by chance
	err := h.root.QueryRow(t.Context(), `
		WITH coded AS MATERIALIZED (
			SELECT registry_code(id) AS code, registry_code(id + 1) AS next FROM generate_series(0, 50000) id
		)
		SELECT (SELECT count(DISTINCT code) FROM coded),
		       (SELECT avg(same) FROM (
		            SELECT count(*) FILTER (WHERE substr(code, i, 1) = substr(next, i, 1)) AS same
		            FROM coded, generate_series(1, 7) i GROUP BY code) x)`).Scan(&distinct, &alike)
	if err != nil {
		t.Fatal(err)
	}
	if distinct != 50001 {
		t.Errorf("%d distinct codes of 50001 ids", distinct)
	}
	if alike > 0.5 {
		t.Errorf("neighbours agree in %.2f places of 7: the codes look sequential", alike)
	}
}

func TestCodesAtTheEdges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []int64{0, 1, codes - 1} {
		if got := column[int64](t, h.root, `SELECT registry_id(lower(registry_code($1)))`, id)[0]; got != id {
			t.Errorf("%d comes back as %d", id, got)
		}
	}
	for _, id := range []int64{-1, codes, 1 << 62} {
		if _, err := h.root.Exec(t.Context(), `SELECT registry_code($1)`, id); err == nil {
			t.Errorf("%d has a code", id)
		}
	}
	for _, text := range []string{"", "ABC", "ABCDEFG2", "0BCDEFG", "IBCDEFG", "ABCDEF ", "أبتثجحخ"} {
		if got := column[*int64](t, h.root, `SELECT registry_id($1)`, text)[0]; got != nil {
			t.Errorf("%q is the code of %d", text, *got)
		}
	}
}

// TestRowsThatCannotBe tries what no front end may ever send.
func TestRowsThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := func(name, phone string) []any { return []any{name, phone} }
	const (
		insertOwner = `INSERT INTO owners (clinic_id, full_name, phone) VALUES (1, $1, $2)`
		insertPet   = `INSERT INTO pets (clinic_id, owner_id, name, species_id, birth_date, birth_precision, microchip)
		               VALUES (1, $1, $2, 1, $3::text::date, $4, $5)`
	)
	for name, c := range map[string]struct {
		sql    string
		args   []any
		broken string // the constraint; empty: the row is fine
	}{
		"a fine owner":          {insertOwner, owner("أحمد علي", "+201001234567"), ""},
		"a name of one letter":  {insertOwner, owner("A", "+201001234567"), "owners_full_name"},
		"a name of spaces":      {insertOwner, owner("    ", "+201001234567"), "owners_full_name"},
		"a name too long":       {insertOwner, owner(strings.Repeat("ا", 256), "+201001234567"), "owners_full_name"},
		"a name just fitting":   {insertOwner, owner(strings.Repeat("ا", 255), "+201001234567"), ""},
		"a line break":          {insertOwner, owner("Ahmed\nAli", "+201001234567"), "owners_full_name"},
		"an override":           {insertOwner, owner("Ahmed \u202eilA", "+201001234567"), "owners_full_name"},
		"a joiner within words": {insertOwner, owner("می\u200cخواهم", "+201001234567"), ""},
		"a national phone":      {insertOwner, owner("Ahmed", "01001234567"), "owners_phones"},
		"a phone of letters":    {insertOwner, owner("Ahmed", "+20100abc"), "owners_phones"},
		"a fine pet":            {insertPet, []any{ourOwner, "R", "2024-02-29", "day", "123456789012345"}, ""},
		"a pet of nobody":       {insertPet, []any{int64(999), "Rex", nil, nil, nil}, "pets_owner_fkey"},
		"a pet of the others":   {insertPet, []any{theirsOwner, "Rex", nil, nil, nil}, "pets_owner_fkey"},
		"a pet of 1850":         {insertPet, []any{ourOwner, "Rex", "1850-01-01", "year", nil}, "pets_birth_date"},
		"a vague birthday":      {insertPet, []any{ourOwner, "Rex", "2024-01-01", nil, nil}, "pets_birth_known"},
		"another precision":     {insertPet, []any{ourOwner, "Rex", "2024-01-01", "hour", nil}, "pets_birth_precision"},
		"a short chip":          {insertPet, []any{ourOwner, "Rex", nil, nil, "1234"}, "pets_microchip"},
	} {
		_, err := h.root.Exec(t.Context(), c.sql, c.args...)
		if got := db.Broken(err); got != c.broken || got == "" && err != nil {
			t.Errorf("%s: %v, want %q broken", name, err, c.broken)
		}
	}
}

func TestRegistrationKeyMakesOneOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := db.NewKey()
	const insert = `INSERT INTO owners (clinic_id, full_name, phone, registration_key) VALUES ($1, 'Mona', '+201000000003', $2)
	                ON CONFLICT (clinic_id, registration_key) WHERE registration_key IS NOT NULL DO NOTHING`
	for _, c := range []struct{ clinic, rows int64 }{{ours, 1}, {ours, 0}, {theirs, 1}} {
		tag, err := h.db.Clinic(c.clinic).Exec(t.Context(), insert, c.clinic, key)
		if err != nil || tag.RowsAffected() != c.rows {
			t.Errorf("clinic %d: %d rows, %v, want %d", c.clinic, tag.RowsAffected(), err, c.rows)
		}
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // with a term from 1 to 31 March
	platform := h.db.Platform()
	insert := func(id int, period string) error {
		_, err := platform.Exec(t.Context(), `
			INSERT INTO subscriptions (clinic_id, subscription_id, state, period, plan_id, plan_name_en, plan_name_ar,
			                           duration_days, accounts, price_minor, currency, grace_days, created_by)
			VALUES (1, $1, 'live', $2::text::daterange, 1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7, 1)`, id, period)
		return err
	}
	if err := insert(11, "[2026-03-30,2026-04-29)"); db.Broken(err) != "subscriptions_no_overlap" {
		t.Errorf("an overlapping term: %v", err)
	}
	if err := insert(12, "[2026-03-31,2026-04-30)"); err != nil {
		t.Errorf("the next term: %v", err)
	}
	for _, period := range []string{"empty", "[2026-05-01,)", "(,2026-05-01)"} {
		if err := insert(13, period); db.Broken(err) != "subscriptions_period" {
			t.Errorf("a term of %s: %v", period, err)
		}
	}
	err := platform.InTx(t.Context(), func(tx db.Tx) error { // both move by ten days: between the two they overlap
		_, err := tx.Exec(t.Context(), `SET CONSTRAINTS subscriptions_no_overlap DEFERRED`)
		for _, id := range []int{1, 12} {
			_, failed := tx.Exec(t.Context(), `
				UPDATE subscriptions SET period = daterange(lower(period) + 10, upper(period) + 10)
				WHERE clinic_id = 1 AND subscription_id = $1`, id)
			err = errors.Join(err, failed)
		}
		return err
	})
	if err != nil {
		t.Errorf("moving two terms along: %v", err)
	}
	h.do(t, `UPDATE subscriptions SET state = 'closed', close_reason = 'refunded', closed_at = now() WHERE subscription_id = 12`)
	if err := insert(14, "[2026-04-10,2026-05-10)"); err != nil {
		t.Errorf("in the dates of a closed term: %v", err)
	}
	for what, sql := range map[string]string{
		"suspended without days left": `UPDATE subscriptions SET state = 'suspended' WHERE subscription_id = 1`,
		"closed without a reason":     `UPDATE subscriptions SET state = 'closed' WHERE subscription_id = 1`,
		"requested with dates":        `UPDATE subscriptions SET state = 'requested' WHERE subscription_id = 1`,
		"a changed event":             `UPDATE subscription_events SET reason = 'x'`,
		"a deleted event":             `DELETE FROM subscription_events`,
		"a changed payment":           `UPDATE payments SET amount_minor = 1`,
		"a deleted payment":           `DELETE FROM payments`,
		"emptied payments":            `TRUNCATE payments`,
		"a deleted clinic that paid":  `DELETE FROM clinics WHERE clinic_id = 1`,
	} {
		if _, err := h.root.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: was not refused", what)
		}
	}
}

func TestRefundsNeverPassPayments(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // 50,000 are paid
	refund := func(amount int) error {
		_, err := h.db.Platform().Exec(t.Context(), `
			INSERT INTO payments (clinic_id, subscription_id, kind, amount_minor, currency, method_id, paid_on, reason,
			                      created_at, created_by, idempotency_key)
			VALUES (1, 1, 'refund', $1, 'EGP', 1, '2026-03-02', 'closed for good', now(), 1, gen_random_uuid())`, amount)
		return err
	}
	if err := refund(50001); db.Broken(err) != "payments_refund_covered" {
		t.Errorf("more than was paid: %v", err)
	}
	var all sync.WaitGroup
	results := make(chan error, 8)
	for range 8 { // of 10,000 each; five are covered
		all.Go(func() { results <- refund(10000) })
	}
	all.Wait()
	close(results)
	var paid int
	for err := range results {
		if err == nil {
			paid++
		} else if db.Broken(err) != "payments_refund_covered" {
			t.Error(err)
		}
	}
	if paid != 5 {
		t.Errorf("%d refunds of a fifth each, want 5", paid)
	}
}

func TestDeletingAnUnusedClinic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do(t, `INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
	         VALUES (3, 'Empty', 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1)`)
	h.do(t, `INSERT INTO staff (clinic_id, staff_id, role, full_name, phone, invited_by) VALUES (3, 30, 'doctor', 'Doctor', '+201000000001', 1)`)
	h.do(t, `INSERT INTO invites (clinic_id, token_hash, staff_id, created_by, expires_at) VALUES (3, sha256('3'), 30, 1, now())`)
	if _, err := h.db.Platform().Exec(t.Context(), `DELETE FROM clinics WHERE clinic_id = 3`); err != nil {
		t.Error(err)
	}
	err := h.root.QueryRow(t.Context(), `SELECT staff_id FROM staff WHERE clinic_id = 3`).Scan(new(int64))
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("its staff is left: %v", err)
	}
	h.do(t, `INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
	         VALUES (4, 'Used', 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1)`)
	h.do(t, `INSERT INTO owners (clinic_id, full_name, phone) VALUES (4, 'Mona', '+201000000003')`)
	if _, err := h.db.Platform().Exec(t.Context(), `DELETE FROM clinics WHERE clinic_id = 4`); db.Broken(err) != "owners_clinic_fkey" {
		t.Errorf("a clinic with owners: %v", err)
	}
}
