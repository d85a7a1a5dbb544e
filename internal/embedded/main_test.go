package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

// parentOf names a directory: the test binary then is a program that runs a server there until it is killed.
const parentOf = "VETALYZE_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentOf); dir != "" {
		beParent(dir)
	}
	os.Exit(m.Run())
}

func beParent(dir string) {
	postgres, err := PostgreSQL(context.Background(), Config{Dir: dir, Fast: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(postgres.server.pid)
	select {}
}

// start starts a server that is stopped when the test ends.
func start(t *testing.T, config Config) *Postgres {
	t.Helper()
	config.Fast = true
	postgres, err := PostgreSQL(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, postgres) })
	return postgres
}

func stop(t *testing.T, postgres *Postgres) {
	t.Helper()
	if err := postgres.Stop(); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, postgres *Postgres) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// openDir is a directory that the server's account can enter; t.TempDir is closed to it when the tests run as root.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vetalyze-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// installed is the PostgreSQL that this machine has; a test that needs one by its place is skipped without.
func installed(t *testing.T) string {
	t.Helper()
	dirs := machineDirs()
	i := slices.IndexFunc(dirs, func(dir string) bool { return binaries{dir: dir}.complete() })
	if i < 0 {
		t.Skip("no PostgreSQL on this machine")
	}
	return dirs[i]
}

func writeScript(t *testing.T, dir, program, script string) {
	t.Helper()
	path := filepath.Join(dir, program)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// parent starts a process of its own with a server in dir and returns it with the server's pid.
func parent(t *testing.T, dir string) (cmd *exec.Cmd, pid int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentOf+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if _, err := fmt.Fscan(stdout, &pid); err != nil {
		t.Fatalf("the parent did not start a server: %v", err)
	}
	return cmd, pid
}
