package db_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

// grants is every right the two roles have: S select, I insert, U update, D delete. A table or right that is not here must
// not be in the database.
var grants = map[string]struct{ clinic, platform string }{
	"countries":           {"S", "SIU"},
	"species":             {"S", "SIU"},
	"channels":            {"S", "SIU"},
	"payment_methods":     {"S", "SIU"},
	"plans":               {"S", "SIU"},
	"clinics":             {"S", "SIUD"},
	"people":              {"SIU", "SIU"},
	"admins":              {"S", "SIU"},
	"admin_invites":       {"", "SIU"},
	"token_failures":      {"", "SIUD"},
	"staff":               {"SIU", "SIU"},
	"invites":             {"SIU", "SIU"},
	"owners":              {"SIU", ""},
	"pets":                {"SIU", ""},
	"changes":             {"SI", ""},
	"merges":              {"SIU", ""},
	"search_terms":        {"SID", ""},
	"owner_counts":        {"SIU", ""},
	"clinic_editions":     {"SIU", ""},
	"platform_edition":    {"", "SU"},
	"searches":            {"SIU", ""},
	"subscriptions":       {"S", "SIU"},
	"subscription_events": {"", "SI"},
	"payments":            {"S", "SI"},
	"notifications":       {"", "SIUD"},
	"dialogs":             {"SIUD", ""},
	"goose_db_version":    {"", ""},
}

// open are the tables without row-level security: the same for everybody, and no clinic's.
var open = []string{"countries", "species", "channels", "payment_methods", "plans", "goose_db_version"}

// personal are the tables that belong to no clinic but have row-level security all the same.
var personal = []string{"people", "admins", "admin_invites", "token_failures", "dialogs", "platform_edition"}

// registryTables are what a clinic knows of its clients: nothing of it is for the platform.
var registryTables = []string{"owners", "pets", "changes", "merges", "search_terms", "owner_counts", "clinic_editions", "searches"}

// notLed are unique by something else than the clinic first, with the reason.
var notLed = map[string]string{
	"clinics_creation_key": "a clinic is not yet there when its key is looked for",
}

func TestEveryTableIsTenantPersonalOrOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := tenantTables(t, h)
	got := slices.Concat(tenant, personal, open)
	slices.Sort(got)
	want := column[string](t, h.root, `SELECT relname::text FROM pg_class
	                                   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables in the database (-) and known here (+): decide where a new one belongs\n%s", diff)
	}
}

func TestTenantAndPersonalTablesHaveForcedRowSecurity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, table := range slices.Concat(tenantTables(t, h), personal) {
		secured := column[bool](t, h.root,
			`SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass`, table)
		if !secured[0] {
			t.Errorf("%s: row-level security is not enabled and forced", table)
		}
		for role, granted := range map[string]string{
			"vetalyze_clinic": grants[table].clinic, "vetalyze_platform": grants[table].platform,
		} {
			policies := column[string](t, h.root,
				`SELECT polname::text FROM pg_policy WHERE polrelid = $1::text::regclass AND $2::text::regrole = ANY (polroles)`, table, role)
			if (granted != "") != (len(policies) > 0) {
				t.Errorf("%s: %s has the rights %q and the policies %v", table, role, granted, policies)
			}
		}
	}
	if public := column[string](t, h.root, `SELECT polname::text FROM pg_policy WHERE 0 = ANY (polroles)`); len(public) > 0 {
		t.Errorf("policies for every role: %v", public)
	}
}

func TestTenantKeysAreLedByClinic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := tenantTables(t, h)
	unique := column[string](t, h.root, `
		SELECT i.indexrelid::regclass::text
		FROM pg_index i
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = ANY ($1::text[]::regclass[])
		  AND (i.indisunique OR i.indisexclusion)
		  AND a.attname <> 'clinic_id'`, tenant)
	for _, index := range unique {
		if notLed[index] == "" {
			t.Errorf("%s: unique, and not by clinic_id first", index)
		}
	}
	foreign := column[string](t, h.root, `
		SELECT c.conname::text
		FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f'
		  AND c.conrelid = ANY ($1::text[]::regclass[])
		  AND c.confrelid = ANY ($1::text[]::regclass[])
		  AND a.attname <> 'clinic_id'`, tenant)
	if len(foreign) > 0 {
		t.Errorf("foreign keys inside the tenant that are not led by clinic_id: %v", foreign)
	}
	without := column[string](t, h.root, `
		SELECT t::text FROM unnest($1::text[]) t
		WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'p' AND conrelid = t::regclass)`, tenant)
	if len(without) > 0 {
		t.Errorf("tables without a primary key: %v", without)
	}
}

func TestGrantsAreExactly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := map[string]string{}
	for _, line := range column[string](t, h.root, `
		SELECT c.relname || ' ' || coalesce(r.rolname, 'PUBLIC') || ' ' || string_agg(a.privilege_type, ',' ORDER BY a.privilege_type)
		FROM pg_class c, aclexplode(c.relacl) a
		LEFT JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
		GROUP BY c.relname, r.rolname`) {
		words := strings.Fields(line)
		got[words[0]+" "+words[1]] = words[2]
	}
	want := map[string]string{"registry_ids vetalyze_clinic": "USAGE"}
	for table, granted := range grants {
		for role, letters := range map[string]string{"vetalyze_clinic": granted.clinic, "vetalyze_platform": granted.platform} {
			if letters != "" {
				want[table+" "+role] = spell(letters)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("grants (-want +got)\n%s", diff)
	}
	columns := column[string](t, h.root, `SELECT attrelid::regclass || '.' || attname FROM pg_attribute
	                                      WHERE attacl IS NOT NULL AND attrelid >= 16384`)
	if len(columns) > 0 {
		t.Errorf("grants on single columns: %v", columns)
	}
}

func spell(letters string) string {
	names := map[rune]string{'S': "SELECT", 'I': "INSERT", 'U': "UPDATE", 'D': "DELETE"}
	var words []string
	for _, letter := range letters {
		words = append(words, names[letter])
	}
	slices.Sort(words)
	return strings.Join(words, ",")
}

// TestNobodyReachesAnotherClinic tries every way into every tenant table from every scope that is not the clinic's.
func TestNobodyReachesAnotherClinic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scopes := map[string]db.DBTX{
		"our clinic":         h.db.Clinic(ours),
		"our person":         h.db.Person(ourPerson),
		"a stranger":         h.db.Person(9),
		"no clinic":          h.db.Clinic(0),
		"clinic for nobody":  h.as(t, "vetalyze_clinic"),
		"platform on owners": h.db.Platform(), // for owners and pets only: the rest is the platform's to see
	}
	for _, table := range tenantTables(t, h) {
		for name, scope := range scopes {
			if name == "platform on owners" && !slices.Contains(registryTables, table) {
				continue
			}
			t.Run(table+" from "+name, func(t *testing.T) { tryAll(t, h, scope, table) })
		}
	}
}

// tryAll reads, changes, deletes and adds rows of the other clinic.
func tryAll(t *testing.T, h *house, scope db.DBTX, table string) {
	t.Helper()
	row := column[[]byte](t, h.root, fmt.Sprintf(`SELECT to_jsonb(x) FROM %s x WHERE clinic_id = $1`, table), theirs)[0]
	columns := strings.Join(column[string](t, h.root, `SELECT quote_ident(attname) FROM pg_attribute
		WHERE attrelid = $1::text::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped`, table), ", ")
	attempts := map[string]string{
		"read":   fmt.Sprintf(`SELECT * FROM %s WHERE clinic_id = %d`, table, theirs),
		"lock":   fmt.Sprintf(`SELECT * FROM %s WHERE clinic_id = %d FOR UPDATE`, table, theirs),
		"change": fmt.Sprintf(`UPDATE %s SET clinic_id = clinic_id WHERE clinic_id = %d`, table, theirs),
		"delete": fmt.Sprintf(`DELETE FROM %s WHERE clinic_id = %d`, table, theirs),
	}
	for doing, sql := range attempts {
		tag, err := scope.Exec(t.Context(), sql)
		if err == nil && tag.RowsAffected() > 0 {
			t.Errorf("%s: %d rows", doing, tag.RowsAffected())
		}
		if err != nil && !forbidden(err) {
			t.Errorf("%s: %v", doing, err)
		}
	}
	_, err := scope.Exec(t.Context(), fmt.Sprintf(
		`INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)`, table, columns, columns, table), row)
	if !forbidden(err) {
		t.Errorf("add: %v", err)
	}
	tag, err := scope.Exec(t.Context(), fmt.Sprintf(`UPDATE %s SET clinic_id = %d WHERE clinic_id = %d`, table, theirs, ours))
	if err == nil && tag.RowsAffected() > 0 || err != nil && !forbidden(err) {
		t.Errorf("hand over: %d rows, %v", tag.RowsAffected(), err)
	}
}

func TestClinicWorksInItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scope := h.db.Clinic(ours)
	for _, table := range []string{"clinics", "staff", "invites", "owners", "pets", "changes", "merges", "owner_counts", "searches", "subscriptions", "payments"} {
		if got := column[int64](t, scope, "SELECT clinic_id FROM "+table); !slices.Equal(got, []int64{ours}) {
			t.Errorf("%s: sees the clinics %v", table, got)
		}
	}
	for _, sql := range []string{
		`INSERT INTO owners (clinic_id, full_name, phone) VALUES (1, 'Mona', '+201000000003')`,
		`UPDATE owners SET note = 'kind' WHERE owner_id = 101`,
		`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by) VALUES (1, 'receptionist', 'New', '+201000000004', 1)`,
		`UPDATE pets SET deleted_at = now(), deleted_by = 10`,
	} {
		if _, err := scope.Exec(t.Context(), sql); err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
	}
	refused := []string{
		`UPDATE clinics SET name = 'Mine'`,
		`UPDATE subscriptions SET accounts = 99`,
		`UPDATE plans SET price_minor = 0`,
		`INSERT INTO payments (clinic_id) VALUES (1)`,
		`INSERT INTO admins (telegram_id) VALUES (5)`,
		`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by) VALUES (1, 'clinic_owner', 'Me', '+201000000005', 1)`,
		`UPDATE staff SET role = 'clinic_owner'`,
		`SELECT * FROM admin_invites`,
		`SELECT * FROM subscription_events`,
		`TRUNCATE owners`,
		`UPDATE changes SET after = 'nothing'`,
		`DELETE FROM changes`,
		`UPDATE merges SET moves = '[]', merged_at = now()`,
		`DELETE FROM merges`,
		`DELETE FROM pets`,
	}
	for _, sql := range refused {
		if _, err := scope.Exec(t.Context(), sql); err == nil {
			t.Errorf("was not refused: %s", sql)
		}
	}
	if got := column[int](t, h.root, `SELECT count(*)::int FROM pets WHERE clinic_id = 2 AND deleted_at IS NULL`); got[0] != 1 {
		t.Error("deleting all pets took those of the other clinic")
	}
}

func TestPersonSeesOnlyThemself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do(t, `INSERT INTO admins (telegram_id) VALUES (1001), (2002)`)
	scope := h.db.Person(ourPerson)
	for table, sees := range map[string]string{
		"people": "telegram_id", "staff": "telegram_id", "admins": "telegram_id", "dialogs": "telegram_id",
	} {
		if got := column[int64](t, scope, fmt.Sprintf("SELECT %s FROM %s", sees, table)); !slices.Equal(got, []int64{ourPerson}) {
			t.Errorf("%s: sees %v", table, got)
		}
	}
	if got := column[int64](t, scope, "SELECT clinic_id FROM clinics"); !slices.Equal(got, []int64{ours}) {
		t.Errorf("clinics: sees %v", got)
	}
	for _, table := range []string{"owners", "pets", "changes", "merges", "search_terms", "owner_counts", "searches", "invites", "subscriptions", "payments"} {
		if got := column[int64](t, scope, "SELECT clinic_id FROM "+table); len(got) > 0 {
			t.Errorf("%s: sees those of the clinics %v", table, got)
		}
	}
	for _, sql := range []string{
		`UPDATE people SET language = 'en' WHERE telegram_id = 2002`,
		`UPDATE dialogs SET form = 'x' WHERE telegram_id = 2002`,
		`DELETE FROM dialogs WHERE telegram_id = 2002`,
		`UPDATE staff SET role = 'receptionist'`,
	} {
		if tag, err := scope.Exec(t.Context(), sql); err != nil || tag.RowsAffected() > 0 {
			t.Errorf("%d rows, %v: %s", tag.RowsAffected(), err, sql)
		}
	}
	_, err := scope.Exec(t.Context(), `INSERT INTO people (telegram_id, language) VALUES (3003, 'en')`)
	if !forbidden(err) {
		t.Errorf("made another person: %v", err)
	}
}

func TestPlatformHasNoWayToDialogs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, table := range []string{"owners", "pets", "changes", "merges", "dialogs"} {
		if _, err := h.db.Platform().Exec(t.Context(), "SELECT 1 FROM "+table); !forbidden(err) {
			t.Errorf("%s: %v", table, err)
		}
	}
}

func TestScopeDoesNotOutliveItsStatement(t *testing.T) {
	t.Parallel()
	database, err := db.Open(t.Context(), newHouse(t).url, db.Conns(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Close)
	for range 3 {
		if got := column[int64](t, database.Clinic(ours), "SELECT clinic_id FROM owners"); !slices.Equal(got, []int64{ours}) {
			t.Fatalf("sees %v", got)
		}
		if got := column[int64](t, database.Person(9), "SELECT clinic_id FROM owners"); len(got) > 0 {
			t.Fatalf("the next on the connection sees %v", got)
		}
		if got := column[int64](t, database.Clinic(theirs), "SELECT clinic_id FROM owners"); !slices.Equal(got, []int64{theirs}) {
			t.Fatalf("sees %v", got)
		}
	}
}

func TestOpenTakesTheRolesAtOnce(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t)
	for want, scope := range map[string]db.Scope{"vetalyze_clinic": database.Clinic(1), "vetalyze_platform": database.Platform()} {
		if got := column[string](t, scope, "SELECT current_user::text"); got[0] != want {
			t.Errorf("works as %s, want %s", got[0], want)
		}
	}
}

func TestConnectionsPlanOnceAndCompileNothing(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t)
	for name, scope := range map[string]db.Scope{"clinic": database.Clinic(1), "platform": database.Platform()} {
		for setting, want := range map[string]string{"plan_cache_mode": "force_generic_plan", "jit": "off"} {
			if got := column[string](t, scope, "SELECT current_setting('"+setting+"')"); got[0] != want {
				t.Errorf("%s connections have %s = %s, want %s", name, setting, got[0], want)
			}
		}
	}
}

func tenantTables(t *testing.T, h *house) []string {
	t.Helper()
	return column[string](t, h.root, `
		SELECT c.relname::text
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
		  AND a.attname = 'clinic_id' AND NOT a.attisdropped
		ORDER BY 1`)
}

// forbidden says whether PostgreSQL refused for want of a right: no grant, or a policy.
func forbidden(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "42501"
}
