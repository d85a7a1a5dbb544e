package load_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/load"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func small(clinics, owners int) load.Config {
	return load.Config{Clinics: clinics, Owners: owners, Seed: 1, Jobs: 2, Clock: clock.At(noon)}
}

func TestFill(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	var last atomic.Int64
	config := small(27, 20) // more than a batch
	config.Report = func(p load.Progress) {
		if p.Of != 27*20 {
			t.Errorf("of %d", p.Of)
		}
		last.Store(p.Owners)
	}
	got, err := load.Fill(t.Context(), address, config)
	if err != nil {
		t.Fatal(err)
	}
	if got.Clinics != 27 || got.Staff != 27*7 || got.Owners != 540 || got.Pets != 810 || got.Subscriptions < 27*8 || last.Load() != 540 {
		t.Errorf("got %+v, the last progress at %d", got, last.Load())
	}
	conn := connect(t, address)
	for _, test := range []struct {
		ask  string
		want int64
	}{
		{"SELECT count(*) FROM owners", 540},
		{"SELECT count(*) FROM pets", 810},
		{"SELECT count(DISTINCT code) FROM (SELECT code FROM owners UNION ALL SELECT code FROM pets) AS codes", 540 + 810},
		{"SELECT last_value FROM registry_ids", 540 + 810},
		{"SELECT max(pets.pet_id) FROM pets", 540 + 810},
		{"SELECT nextval('clinics_clinic_id_seq')", 28},
		{"SELECT count(*) FROM owners JOIN pets USING (clinic_id, owner_id) WHERE pets.pet_id < owners.owner_id", 0},
		{"SELECT count(*) FROM subscriptions WHERE NOT EXISTS (SELECT FROM payments WHERE payments.subscription_id = subscriptions.subscription_id)", 0},
		{"SELECT count(*) FROM subscriptions WHERE NOT EXISTS (SELECT FROM subscription_events AS e WHERE e.subscription_id = subscriptions.subscription_id)", 0},
		{"SELECT count(*) FROM staff JOIN people USING (telegram_id) WHERE chosen_clinic_id = clinic_id AND telegram_id > 4e15", 27 * 7},
		{"SELECT count(*) FROM pg_stat_user_tables WHERE relname IN ('owners', 'pets') AND last_analyze IS NOT NULL", 2},
	} {
		var count int64
		if err := conn.QueryRow(t.Context(), test.ask).Scan(&count); err != nil || count != test.want {
			t.Errorf("%s: %d, %v; want %d", test.ask, count, err, test.want)
		}
	}
}

func TestLoadedClinicsAreReadLikeAnyOther(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	fill(t, address, small(3, 20))
	database := open(t, address)
	for clinicID := int64(1); clinicID <= 3; clinicID++ {
		var owners, others int
		err := database.Clinic(clinicID).QueryRow(t.Context(),
			"SELECT count(*), count(*) FILTER (WHERE clinic_id <> $1) FROM owners", clinicID).Scan(&owners, &others)
		if err != nil || owners != 20 || others != 0 {
			t.Errorf("clinic %d sees %d owners, %d of others, %v", clinicID, owners, others, err)
		}
	}

	// Who works there comes in by what the load says of them.
	var telegramID int64
	const ask = "SELECT telegram_id FROM staff WHERE clinic_id = 2 AND role = 'receptionist' ORDER BY staff_id LIMIT 1"
	if err := database.Platform().QueryRow(t.Context(), ask).Scan(&telegramID); err != nil {
		t.Fatal(err)
	}
	speaker, err := staff.New(database, clock.At(noon)).Find(t.Context(), telegramID, "en")
	if err != nil || speaker.Member == nil || speaker.Member.ClinicID != 2 {
		t.Fatalf("got %+v, %v", speaker, err)
	}
	var code, name string
	err = database.Clinic(2).QueryRow(t.Context(), "SELECT code, full_name FROM owners ORDER BY owner_id DESC LIMIT 1").Scan(&code, &name)
	if err != nil {
		t.Fatal(err)
	}
	card, err := registry.New(database, clock.At(noon)).OwnerByCode(t.Context(), *speaker.Member, code)
	if err != nil || card.Name != name || len(card.Pets) == 0 || card.RegisteredBy == "" {
		t.Errorf("the card of %s: %+v, %v", code, card, err)
	}
}

func TestFillGoesOnWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	config := small(60, 10)
	config.Jobs = 1
	config.Report = func(p load.Progress) {
		if p.Owners >= 250 {
			stop() // within the second of three batches at the latest
		}
	}
	if _, err := load.Fill(ctx, address, config); !errors.Is(err, load.ErrBrokenOff) {
		t.Fatalf("got %v", err)
	}
	got := fill(t, address, small(60, 10))
	if got.Found != 0 && got.Found != 25 || got.Clinics != 60 || got.Owners != 600 {
		t.Errorf("got %+v", got)
	}

	// It is what one run would have made.
	other := pgtest.URL(t)
	fill(t, other, small(60, 10))
	const digest = `SELECT md5(string_agg(o::text, ',' ORDER BY owner_id)) FROM owners AS o`
	if diff := cmp.Diff(text(t, other, digest), text(t, address, digest)); diff != "" {
		t.Errorf("two runs made other owners than one (-one +two):\n%s", diff)
	}

	// Again: nothing to do. More: the rest is added.
	if again := fill(t, address, small(60, 10)); again.Found != 60 || again.Owners != 600 {
		t.Errorf("done again: %+v", again)
	}
	if more := fill(t, address, small(70, 10)); more.Found != 60 || more.Clinics != 70 || more.Owners != 700 {
		t.Errorf("ten more: %+v", more)
	}
	if owners := text(t, address, "SELECT count(*)::text || ' ' || max(owner_id) || ' ' || count(DISTINCT owner_id) FROM owners"); owners[:4] != "700 " {
		t.Errorf("owners %s", owners)
	}
}

func TestFillRefusesClinicsOfOthers(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	fill(t, address, small(2, 5))
	refuse := func(why string, config load.Config) {
		t.Helper()
		if _, err := load.Fill(t.Context(), address, config); !errors.Is(err, load.ErrNotEmpty) {
			t.Errorf("%s: %v", why, err)
		}
	}
	another := small(2, 5)
	another.Seed = 2
	refuse("another seed", another)
	refuse("more owners each", small(2, 6))
	execute(t, address, `INSERT INTO clinics (name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		VALUES ('Real', 'Real', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1)`)
	refuse("a clinic that was not loaded", small(3, 5))
}

func TestFillRefusesASecondLoadAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	conn := connect(t, address)
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock($1)", 0x6c6f6164); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Fill(t.Context(), address, small(1, 1)); !errors.Is(err, load.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

// Who migrated the database without being a superuser owns the tables, but is held by row-level security.
func TestFillAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	role := "loader_" + parsed.Path[1:]
	execute(t, address, "CREATE ROLE "+role+" LOGIN PASSWORD 'secret' IN ROLE vetalyze_clinic, vetalyze_platform")
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		if conn, err := pgx.Connect(ctx, address); err == nil {
			_, _ = conn.Exec(ctx, "DROP OWNED BY "+role+"; DROP ROLE "+role)
			_ = conn.Close(ctx)
		}
	})
	var give string
	const tables = `SELECT string_agg(format('ALTER TABLE %I OWNER TO ` + `%s', tablename, $1::text), ';') FROM pg_tables WHERE schemaname = 'public'`
	if err := connect(t, address).QueryRow(t.Context(), tables, role).Scan(&give); err != nil {
		t.Fatal(err)
	}
	execute(t, address, give+"; ALTER SEQUENCE registry_ids OWNER TO "+role)

	parsed.User = url.UserPassword(role, "secret")
	got, err := load.Fill(t.Context(), parsed.String(), small(3, 20))
	if err != nil || got.Owners != 60 {
		t.Fatalf("got %+v, %v", got, err)
	}
	other := pgtest.URL(t)
	fill(t, other, small(3, 20))
	for _, table := range []string{"clinics", "owners", "pets", "staff", "subscriptions", "subscription_events", "payments"} {
		ask := `SELECT count(*) || ' ' || md5(string_agg(md5(` + table + `::text), ',' ORDER BY ` + table + `::text)) FROM ` + table
		if want, got := text(t, other, ask), text(t, address, ask); got != want && table != "clinics" {
			t.Errorf("%s: %s; a superuser's are %s", table, got, want)
		}
	}
}

func fill(t *testing.T, address string, config load.Config) load.Summary {
	t.Helper()
	summary, err := load.Fill(t.Context(), address, config)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func open(t *testing.T, address string) *db.DB {
	t.Helper()
	database, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Close)
	return database
}

func execute(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := connect(t, address).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, address, ask string) (answer string) {
	t.Helper()
	if err := connect(t, address).QueryRow(t.Context(), ask).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
