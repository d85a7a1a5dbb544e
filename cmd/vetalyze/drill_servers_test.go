//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"vetalyze/internal/embedded/pgtest"
)

// boxes are the commands of a page in docs/operations, by the name that stands behind the
// box's language: ```sh name.
func boxes(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.Open(filepath.Join("..", "..", "docs", "operations", page))
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	found := make(map[string]string)
	name, inside := "", false
	for lines := bufio.NewScanner(text); lines.Scan(); {
		line := lines.Text()
		switch {
		case inside && line == "```":
			inside = false
		case inside:
			found[name] += line + "\n"
		default:
			name, inside = strings.CutPrefix(line, "```sh ")
		}
	}
	return found
}

// withBoxes is the server as seen from another page.
func (s *server) withBoxes(page string) *server {
	machine, server := *s.machine, *s
	machine.boxes = boxes(s.t, page)
	server.machine = &machine
	return &server
}

// A machine is where the drill takes place: a directory that the servers' account owns, and
// that account.
type machine struct {
	t        *testing.T
	dir      string
	programs string // where PostgreSQL's are
	as       *syscall.Credential
	boxes    map[string]string
	servers  int
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, boxes: boxes(t, "backup.md")}
	conn, err := pgx.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT setting FROM pg_config WHERE name = 'BINDIR'").Scan(&m.programs); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"initdb", "pg_ctl", "pg_dump", "pg_basebackup", "pg_verifybackup"} {
		if _, err := os.Stat(filepath.Join(m.programs, program)); err != nil {
			t.Skipf("no %s beside the PostgreSQL that runs the tests: install postgresql to drill", program)
		}
	}
	// Not t.TempDir: its parents are closed to the servers' account.
	if m.dir, err = os.MkdirTemp("", "vetalyze-drill-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(m.dir) })
	if os.Geteuid() == 0 {
		m.becomePostgres()
	}
	return m
}

// becomePostgres lets the commands be those of the user postgres: its servers refuse root.
func (m *machine) becomePostgres() {
	m.t.Helper()
	account, err := user.Lookup("postgres")
	if err != nil {
		m.t.Skip("as root the drill needs the user postgres: install postgresql")
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	m.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(m.dir, uid, gid); err != nil {
		m.t.Fatal(err)
	}
}

// A server is one of the drill's: its data, its backups' place and how to reach it.
type server struct {
	*machine
	data     string
	database string
	port     int // of a Unix socket, so only a part of its file's name
	moment   string
}

// server is a place for one more server, which is not there yet. All listen in one directory,
// and take their port from PGPORT: a base backup brings the configuration of its original.
func (m *machine) server(name string) *server {
	s := &server{machine: m, data: filepath.Join(m.dir, name), database: "vetalyze", port: 5432 + m.servers}
	m.servers++
	m.t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(s.data, "postmaster.pid")); err == nil {
			s.run("pg_ctl --mode=immediate stop >/dev/null")
		}
	})
	return s
}

// begin makes a fresh server and starts it.
func (s *server) begin() {
	s.t.Helper()
	s.run(`initdb --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$DATA.start"
		cat >>"$DATA/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '` + s.dir + `'
		fsync = off
		END
		pg_ctl --log="$DATA.log" --wait start >"$DATA.start"`)
}

// box runs the commands of a box of the page.
func (s *server) box(name string) {
	s.t.Helper()
	commands := s.boxes[name]
	if commands == "" {
		s.t.Fatalf("the page has no box %q", name)
	}
	s.run(commands)
}

func (s *server) run(commands string) {
	s.t.Helper()
	command := exec.Command("bash", "-euo", "pipefail", "-c", commands)
	command.Dir = s.dir
	command.Env = append(os.Environ(),
		"PATH="+s.programs+":"+os.Getenv("PATH"), "HOME="+s.dir, "TZ=UTC",
		"PGHOST="+s.dir, "PGPORT="+strconv.Itoa(s.port), "PGUSER=postgres", "PGDATA="+s.data, "PGOPTIONS=", "PGDATABASE=",
		"DATA="+s.data, "BACKUPS="+filepath.Join(s.dir, "backups"), "PASSWORD=secret", "MOMENT="+s.moment)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	if output, err := command.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(s.data + ".log")
		s.t.Fatalf("%v\n%s\n%s\nthe server says:\n%s", err, commands, output, log)
	}
}

// url is the database as a user sees it.
func (s *server) url(user string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", user, s.database, s.dir, s.port)
}

// schema is the whole of it as pg_dump tells it: tables, triggers, owners, grants, policies. Without
// parentheses: an expression that was restored has fewer of them, and means the same.
func (s *server) schema() string {
	s.t.Helper()
	file := filepath.Join(s.dir, "schema")
	s.run("pg_dump --schema-only vetalyze | grep -v restrict >" + file) // \restrict bears a word of its own each time
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.NewReplacer("(", "", ")", "").Replace(string(text))
}
