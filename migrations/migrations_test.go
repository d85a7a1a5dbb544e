package migrations_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"vetalyze/db"
	"vetalyze/internal/embedded"
	"vetalyze/migrations"
)

// server starts a PostgreSQL that knows nothing of Vetalyze, its roles included.
func server(t *testing.T) (conn *pgx.Conn, address func(database, user string) string) {
	t.Helper()
	// Not t.TempDir: as root the server runs as another user, who could not enter it.
	dir, err := os.MkdirTemp("", "vetalyze-migrations-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	postgres, err := embedded.PostgreSQL(t.Context(), embedded.Config{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = postgres.Stop() })
	if conn, err = pgx.Connect(t.Context(), postgres.URL()); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	return conn, func(database, user string) string {
		u := *base
		u.Path = "/" + database
		if user != "" {
			u.User = url.UserPassword(user, "secret")
		}
		return u.String()
	}
}

func do(t *testing.T, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
}

const create = ` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`

func TestUpFromManyAtOnce(t *testing.T) {
	t.Parallel()
	conn, address := server(t)
	for i := range 3 {
		do(t, conn, fmt.Sprintf(`CREATE DATABASE d%d%s`, i, create))
	}
	group, ctx := errgroup.WithContext(t.Context())
	for i := range 6 { // two instances on each of three databases of a cluster without the roles
		group.Go(func() error { return migrations.Up(ctx, address(fmt.Sprintf("d%d", i%3), "")) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(t.Context(), address("d0", "")); err != nil {
		t.Errorf("once more: %v", err)
	}
}

func TestUpByAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	conn, address := server(t)
	do(t, conn, `CREATE ROLE app LOGIN CREATEROLE PASSWORD 'secret'`, `CREATE DATABASE app OWNER app`+create)
	if err := migrations.Up(t.Context(), address("app", "app")); err != nil {
		t.Fatal(err)
	}
	database, err := db.Open(t.Context(), address("app", "app"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Close)
	if _, err := database.Clinic(1).Exec(t.Context(), `SELECT * FROM owners`); err != nil {
		t.Error(err)
	}
}

func TestUpRefusesALocaleWithoutArabic(t *testing.T) {
	t.Parallel()
	conn, address := server(t)
	do(t, conn, `CREATE DATABASE bytes TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`)
	err := migrations.Up(t.Context(), address("bytes", ""))
	if !errors.Is(err, migrations.ErrLocale) || !strings.Contains(err.Error(), "C.UTF-8") {
		t.Errorf("got %v", err)
	}
}

// An instance of the version before comes up while the one after has migrated already: in the middle of an upgrade, or
// when it is taken back.
func TestUpKnowsNotAllThatWasApplied(t *testing.T) {
	t.Parallel()
	conn, address := server(t)
	do(t, conn, `CREATE DATABASE d`+create)
	if err := migrations.Up(t.Context(), address("d", "")); err != nil {
		t.Fatal(err)
	}
	ahead, err := pgx.Connect(t.Context(), address("d", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer ahead.Close(t.Context())
	do(t, ahead, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	if err := migrations.Up(t.Context(), address("d", "")); err != nil {
		t.Errorf("the database is ahead: %v", err)
	}
}
