package embedded

import (
	"bytes"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestContentsSurviveStopAndStart(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t)})
	address := postgres.URL()
	run(t, connect(t, postgres), "CREATE TABLE kept ()") // and the connection stays open

	stop(t, postgres)
	stop(t, postgres) // twice does no harm
	if _, err := pgx.Connect(t.Context(), address); err == nil {
		t.Fatal("connected to a stopped server")
	}
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if postgres.URL() != address {
		t.Errorf("URL changed from %s to %s", address, postgres.URL())
	}
	run(t, connect(t, postgres), "SELECT FROM kept")

	stop(t, postgres)
	again := start(t, Config{Dir: postgres.home.dir})
	run(t, connect(t, again), "SELECT FROM kept")
}

func TestTwoServersAtOnce(t *testing.T) {
	t.Parallel()
	one, two := start(t, Config{}), start(t, Config{})
	run(t, connect(t, one), "CREATE TABLE mine ()")
	run(t, connect(t, two), "CREATE TABLE mine ()")
}

func TestTemporaryDirectoryIsRemoved(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{})
	stop(t, postgres)
	if _, err := os.Stat(postgres.home.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", postgres.home.dir, err)
	}
}

func TestDirectoryServesOneProcess(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t)})
	_, err := PostgreSQL(t.Context(), Config{Dir: postgres.home.dir, Fast: true})
	if err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("error = %v", err)
	}
	run(t, connect(t, postgres), "SELECT 1")
}

func TestLettersBeyondASCIIAreLetters(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t, Config{}))
	run(t, conn, "CREATE EXTENSION pg_trgm")
	var folds bool
	const ask = "SELECT lower('É') = 'é' AND cardinality(show_trgm('أحمد')) > 0"
	if err := conn.QueryRow(t.Context(), ask).Scan(&folds); err != nil || !folds {
		t.Errorf("folds = %v, %v; want true", folds, err)
	}
}

func TestDurableServer(t *testing.T) {
	t.Parallel()
	postgres, err := PostgreSQL(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, postgres)
	var fsync, commit string
	const ask = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
	if err := connect(t, postgres).QueryRow(t.Context(), ask).Scan(&fsync, &commit); err != nil {
		t.Fatal(err)
	}
	if fsync != "on" || commit != "on" {
		t.Errorf("fsync = %s, synchronous_commit = %s; want both on", fsync, commit)
	}
}

func TestLoopbackNeedsThePassword(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t), loopback: true})
	run(t, connect(t, postgres), "SELECT 1")

	address, err := url.Parse(postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword(name, "guessed")
	if _, err := pgx.Connect(t.Context(), address.String()); err == nil {
		t.Error("connected with a wrong password")
	}

	// The same cluster serves over a socket too, and its password is not lost.
	stop(t, postgres)
	socket := start(t, Config{Dir: postgres.home.dir})
	run(t, connect(t, socket), "SELECT 1")
}

func TestSocketWithALongPathGivesWayToLoopback(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: filepath.Join(openDir(t), strings.Repeat("long", 25))})
	if postgres.endpoint.socketDir != "" {
		t.Errorf("socket in %s", postgres.endpoint.socketDir)
	}
	run(t, connect(t, postgres), "SELECT 1")
}

func TestOddDirectoryNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`with space "and" quotes`, "ü=1&b#c?d%20", "a,b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			postgres := start(t, Config{Dir: filepath.Join(openDir(t), name)})
			run(t, connect(t, postgres), "SELECT 1")
		})
	}
}

func TestValuesStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	postgres := start(t, Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	conn := connect(t, postgres)
	run(t, conn, "CREATE TABLE phones (phone text PRIMARY KEY)")
	run(t, conn, "INSERT INTO phones VALUES ('+201001234567')")
	if _, err := conn.Exec(t.Context(), "INSERT INTO phones VALUES ('+201001234567')"); err == nil {
		t.Fatal("no error")
	}
	if _, err := conn.Exec(t.Context(), "SELECT '+201001234567'::boolean"); err == nil {
		t.Fatal("no error")
	}
	stop(t, postgres)
	if strings.Contains(log.String(), "201001234567") || !strings.Contains(log.String(), "ready to accept") {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestMissingExtensionNamesItsPackage(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{})
	err := postgres.furnish(t.Context(), connect(t, postgres), []string{"pg_trgm", "no_such_thing"})
	if err == nil || !strings.Contains(err.Error(), "lacks no_such_thing: install the package postgresql-contrib") {
		t.Errorf("error = %v", err)
	}
}

func TestServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t)})
	stop(t, postgres)
	if err := os.Remove(filepath.Join(postgres.home.data(), "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	err := postgres.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "could not find the database system") {
		t.Errorf("error = %v", err)
	}
}

func TestRunningFindsTheServerOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for _, loopback := range []bool{false, true} {
		postgres := start(t, Config{Dir: openDir(t), loopback: loopback})
		dir, address := postgres.home.dir, postgres.URL()
		if got, ok, err := Running(t.Context(), dir); got != address || !ok || err != nil {
			t.Errorf("Running = %q, %v, %v; want %q, true", got, ok, err, address)
		}
		stop(t, postgres)
		if _, ok, err := Running(t.Context(), dir); ok || err != nil {
			t.Errorf("Running after Stop = %v, %v; want false", ok, err)
		}
	}
	if _, ok, err := Running(t.Context(), filepath.Join(t.TempDir(), "none")); ok || err != nil {
		t.Errorf("Running without a directory = %v, %v; want false", ok, err)
	}
}
