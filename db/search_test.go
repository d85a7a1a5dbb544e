package db_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/db"
)

// TestSearchTermsAreKept writes owners and pets in every way there is, and after each compares what search has with what
// the rows say.
func TestSearchTermsAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.compareSearch(t, "the house as it is")

	clinic := h.db.Clinic(ours)
	steps := []struct{ name, sql string }{
		{"one owner", `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 301, 'Mona Adel', '+201000000003')`},
		{"many at once", `INSERT INTO owners (clinic_id, owner_id, full_name, phone, second_phone)
			SELECT 1, 400 + i, 'محمد عبد الرحمن ' || i, '+20100000100' || i, '+20100000200' || i FROM generate_series(1, 9) i`},
		{"many pets at once", `INSERT INTO pets (clinic_id, pet_id, owner_id, name, species_id, microchip)
			SELECT 1, 500 + i, 400 + i, 'Mimi', 2, '98200000000000' || i FROM generate_series(1, 9) i`},
		{"owner and pets in one statement", `WITH owner AS (
				INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 601, 'Laila', '+201000000004') RETURNING owner_id
			)
			INSERT INTO pets (clinic_id, pet_id, owner_id, name, species_id) SELECT 1, 600 + i, owner_id, 'Rex ' || i, 1
			FROM owner, generate_series(2, 4) i`},
		{"two pets of one name", `INSERT INTO pets (clinic_id, pet_id, owner_id, name, species_id) VALUES (1, 701, 301, 'Mimi', 2), (1, 702, 301, 'Mimi', 2)`},
		{"a name that repeats itself", `INSERT INTO owners (clinic_id, owner_id, full_name, phone, second_phone)
			VALUES (1, 302, repeat('a ', 100) || 'a', '+201000000005', '+201000000005')`},
		{"a name as long as they get", `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 303, repeat('ﷺ', 255), '+201000000006')`},
		{"a name without a letter", `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 304, '🐶🐱', '+201000000007')`},
		{"a name changes", `UPDATE owners SET full_name = 'Mona Fathy' WHERE owner_id = 301`},
		{"a phone changes", `UPDATE owners SET phone = '+201000000033' WHERE owner_id = 301`},
		{"a second phone comes", `UPDATE owners SET second_phone = '+201000000034' WHERE owner_id = 301`},
		{"phones change places", `UPDATE owners SET phone = second_phone, second_phone = phone WHERE owner_id = 301`},
		{"and goes", `UPDATE owners SET second_phone = NULL WHERE owner_id = 301`},
		{"something else changes", `UPDATE owners SET note = 'kind', version = version + 1 WHERE owner_id = 301`},
		{"all names change", `UPDATE owners SET full_name = full_name || ' أحمد'  WHERE char_length(full_name) < 200`},
		{"nothing changes", `UPDATE owners SET full_name = full_name`},
		{"no row changes", `UPDATE owners SET full_name = 'X Y' WHERE owner_id = -1`},
		{"one of two pets of one name is renamed", `UPDATE pets SET name = 'Lolo' WHERE pet_id = 701`},
		{"a chip changes", `UPDATE pets SET microchip = '982000000000099' WHERE pet_id = 501`},
		{"a pet moves", `UPDATE pets SET owner_id = 302 WHERE pet_id = 502`},
		{"an owner and a pet are deleted", `WITH pet AS (UPDATE pets SET deleted_at = now(), deleted_by = 10 WHERE owner_id = 403)
			UPDATE owners SET deleted_at = now(), deleted_by = 10 WHERE owner_id = 403`},
		{"and changed while they are", `UPDATE owners SET full_name = 'Nobody' WHERE owner_id = 403`},
		{"and come back", `WITH pet AS (UPDATE pets SET deleted_at = NULL, deleted_by = NULL WHERE owner_id = 403)
			UPDATE owners SET deleted_at = NULL, deleted_by = NULL WHERE owner_id = 403`},
		{"an owner goes into another", `WITH pet AS (UPDATE pets SET owner_id = 405 WHERE owner_id = 404)
			UPDATE owners SET merged_into = 405 WHERE owner_id = 404`},
		{"a pet too", `UPDATE pets SET merged_into = 505 WHERE pet_id = 504`},
		{"and both come out", `WITH pet AS (UPDATE pets SET owner_id = 404, merged_into = NULL WHERE pet_id = 504)
			UPDATE owners SET merged_into = NULL WHERE owner_id = 404`},
		{"written twice, kept once", `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 301, 'Twice', '+201000000009')
			ON CONFLICT DO NOTHING`},
		{"written over", `INSERT INTO owners (clinic_id, owner_id, full_name, phone) VALUES (1, 301, 'Over', '+201000000009')
			ON CONFLICT (clinic_id, owner_id) DO UPDATE SET full_name = EXCLUDED.full_name`},
	}
	for _, step := range steps {
		if _, err := clinic.Exec(t.Context(), step.sql); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		h.compareSearch(t, step.name)
	}

	h.copyOwners(t)
	h.compareSearch(t, "by COPY into two clinics")
	h.do(t, `DELETE FROM pets WHERE pet_id = 505`)
	h.compareSearch(t, "a pet is deleted for good")
	h.do(t, `DELETE FROM owners o USING (SELECT owner_id FROM owners EXCEPT SELECT owner_id FROM pets EXCEPT SELECT owner_id FROM changes) gone
	         WHERE o.owner_id = gone.owner_id`)
	h.compareSearch(t, "owners without pets are deleted for good")
	err := clinic.InTx(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE owners SET full_name = 'Undone'`); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	h.compareSearch(t, "a change is undone")
}

var errUndo = errors.New("not after all")

// copyOwners copies owners and pets into both clinics in one COPY each.
func (h *house) copyOwners(t *testing.T) {
	t.Helper()
	var owners, pets [][]any
	for i := range int64(100) {
		clinic := ours + i%2
		owners = append(owners, []any{clinic, 10000 + i, fmt.Sprintf("Khaled %d", i), fmt.Sprintf("+2010000%05d", i)})
		pets = append(pets, []any{clinic, 20000 + i, 10000 + i, "Simba", int32(1)})
	}
	copyInto := func(table string, columns []string, rows [][]any) {
		if _, err := h.root.CopyFrom(t.Context(), pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
			t.Fatal(err)
		}
	}
	copyInto("owners", []string{"clinic_id", "owner_id", "full_name", "phone"}, owners)
	copyInto("pets", []string{"clinic_id", "pet_id", "owner_id", "name", "species_id"}, pets)
}

// compareSearch compares the terms and counts that are kept with those that the rows have now.
func (h *house) compareSearch(t *testing.T, after string) {
	t.Helper()
	kept := column[string](t, h.root, `
		SELECT concat_ws(' ', clinic_id, owner_id, pet_id, term, leads) FROM search_terms
		UNION ALL
		SELECT concat_ws(' ', clinic_id, 'has', owners) FROM owner_counts
		ORDER BY 1`)
	live := column[string](t, h.root, `
		SELECT DISTINCT concat_ws(' ', clinic_id, owner_id, 0, term, place = 1)
		FROM owners, unnest(search_owner_terms(full_name, phone, second_phone)) WITH ORDINALITY AS t (term, place)
		WHERE deleted_at IS NULL AND merged_into IS NULL
		UNION ALL
		SELECT DISTINCT concat_ws(' ', clinic_id, found.owner_id, lent.owner_id, term, false)
		FROM owners AS lent
		JOIN owners AS found USING (clinic_id), unnest(search_phone_terms(lent.phone, lent.second_phone)) AS term
		WHERE lent.merged_into = found.owner_id AND lent.deleted_at IS NULL
		  AND found.deleted_at IS NULL AND found.merged_into IS NULL
		UNION ALL
		SELECT DISTINCT concat_ws(' ', clinic_id, owner_id, pet_id, term, place = 1)
		FROM pets, unnest(search_pet_terms(name, microchip)) WITH ORDINALITY AS t (term, place)
		WHERE deleted_at IS NULL AND merged_into IS NULL
		UNION ALL
		SELECT concat_ws(' ', clinic_id, 'has', count(*) FILTER (WHERE deleted_at IS NULL AND merged_into IS NULL))
		FROM owners GROUP BY clinic_id
		ORDER BY 1`)
	if diff := cmp.Diff(live, kept); diff != "" {
		t.Fatalf("after %s: what the rows say (-), what search has (+)\n%s", after, diff)
	}
}

// TestSearchReadsIndexesOnly holds each statement of search.sql to indexes where a clinic is one of many.
func TestSearchReadsIndexesOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do(t, `INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
	         SELECT i, 'Clinic', 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1 FROM generate_series(3, 40) i`)
	h.do(t, `INSERT INTO owners (clinic_id, full_name, phone)
	         SELECT i, 'Ahmed Ali ' || j, '+2010' || lpad((i * 1000 + j)::text, 8, '0') FROM generate_series(3, 40) i, generate_series(1, 100) j`)
	h.do(t, `INSERT INTO pets (clinic_id, owner_id, name, species_id) SELECT clinic_id, owner_id, 'Rex', 1 FROM owners`)
	h.do(t, `VACUUM ANALYZE`)

	query, scope := db.New(), h.db.Clinic(7)
	ctx, trips := db.Watch(t.Context())
	search := db.OwnerSearchParams{ClinicID: 7, Typed: "ahmed ali 00", CallingCode: "20", MarkRank: -1, AtMost: 10}
	byCode := search
	byCode.Typed, byCode.Code = "4PBKHH6", "4PBKHH6"
	for _, which := range []db.OwnerSearchParams{search, byCode} {
		if _, err := query.OwnerSearch(ctx, scope, which); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := query.OwnerSearchNear(ctx, scope, db.OwnerSearchNearParams{ClinicID: 7, Typed: "ahmde", AtMost: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := query.OwnerPage(ctx, scope, db.OwnerPageParams{ClinicID: 7, After: 1500, AtMost: 21}); err != nil {
		t.Fatal(err)
	}
	if _, err := query.OwnerPageBefore(ctx, scope, db.OwnerPageBeforeParams{ClinicID: 7, Before: 1500, AtMost: 21}); err != nil {
		t.Fatal(err)
	}

	sent := trips.Statements()
	if len(sent) != 5 {
		t.Fatalf("%d statements were sent", len(sent))
	}
	sequential := regexp.MustCompile(`Seq Scan on (owners|pets|search_terms|searches)\b`)
	for _, statement := range sent {
		plan := strings.Join(column[string](t, scope, "EXPLAIN "+statement.SQL, statement.Args...), "\n")
		if sequential.MatchString(plan) {
			t.Errorf("reads a whole table:\n%s\n%s", statement.SQL, plan)
		}
		if strings.Contains(plan, "search_terms") && !strings.Contains(plan, "Index Only Scan using search_terms_pkey") {
			t.Errorf("reads terms from the table:\n%s", plan)
		}
	}
}
