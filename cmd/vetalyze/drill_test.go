//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vetalyze/db"
	"vetalyze/internal/simulator"
)

// TestRestoreDrill takes the backups that docs/operations/backup.md describes, by its very commands,
// restores them on other servers, and holds what comes out to what went in. DRILL_CLINICS and
// DRILL_OWNERS make it large (make drill).
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	d.fill()
	d.chat("before the backups", d.live, "", "Early Bird")
	atDump := d.contents(d.live)
	d.step("dump", func() { d.live.box("dump") })
	d.step("base backup", func() { d.live.box("base") })
	d.chat("after the backups", d.live, "Early Bird", "Late Riser")
	atMoment := d.contents(d.live)
	schema := d.live.schema()
	moment := d.spoil()

	fromDump := d.server("from-dump")
	fromDump.begin()
	d.step("restore the dump", func() { fromDump.box("restore-dump") })
	d.check(fromDump, atDump, schema)
	d.chat("on the restored dump", fromDump, "Early Bird", "Third Comer")

	toMoment := d.server("to-moment")
	toMoment.moment = moment
	d.step("go back to a moment", func() { toMoment.box("restore-moment") })
	d.check(toMoment, atMoment, schema)
	d.chat("on the restored moment", toMoment, "Late Riser", "Fourth Comer")
	d.report(atDump, atMoment)
}

// A drill is one run: the servers, the bot as a process, and what was seen.
type drill struct {
	*machine
	t            *testing.T
	live         *server
	bot          *program
	clinic       int64
	receptionist *simulator.Person
	registered   int
	steps        []string // "what|how long|what was seen", for the table
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	m := newMachine(t)
	d := &drill{machine: m, t: t, live: m.server("live")}
	d.live.begin()
	d.live.box("create")
	d.live.box("archive")
	d.bot = newProgramAt(t, d.live.url("vetalyze"), simulator.WebhookConfig{})
	return d
}

// step does something and notes how long it took.
func (d *drill) step(what string, do func()) {
	d.t.Helper()
	started := time.Now()
	do()
	d.note(what, time.Since(started), "")
}

func (d *drill) note(what string, took time.Duration, seen string) {
	d.steps = append(d.steps, fmt.Sprintf("%s\t%.1f s\t%s", what, took.Seconds(), seen))
}

// fill makes up clinics, and picks the receptionist who chats.
func (d *drill) fill() {
	d.t.Helper()
	clinics, owners := size(d.t, "DRILL_CLINICS", 4), size(d.t, "DRILL_OWNERS", 50)
	d.step(fmt.Sprintf("load %d clinics with %d owners each", clinics, owners), func() {
		arguments := []string{
			"load", "--database-url", d.live.url("vetalyze"), "--clinics", strconv.Itoa(clinics), "--owners", strconv.Itoa(owners),
		}
		if code := run(arguments); code != 0 {
			d.t.Fatalf("load ended with %d", code)
		}
	})
	var person int64
	conn := d.connect(d.live)
	defer conn.Close(d.t.Context())
	err := conn.QueryRow(d.t.Context(), `
		UPDATE people SET language = 'en'
		FROM staff
		JOIN clinics USING (clinic_id)
		WHERE people.telegram_id = staff.telegram_id
		  AND (staff.clinic_id, staff.staff_id) = (
		    SELECT clinic_id, staff_id FROM staff JOIN clinics USING (clinic_id)
		    WHERE role = 'receptionist' AND stopped_at IS NULL AND covered @> current_date
		      AND deactivated_at IS NULL AND NOT suspended
		    LIMIT 1)
		RETURNING people.telegram_id, staff.clinic_id`).Scan(&person, &d.clinic)
	if err != nil {
		d.t.Fatalf("find a receptionist at work: %v", err)
	}
	d.receptionist = d.bot.sim.AddPerson(simulator.Person{ID: person, FirstName: "Sara", LanguageCode: "en"})
}

func size(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// chat starts the bot on a server, finds one owner, registers another, and stops it.
func (d *drill) chat(when string, s *server, known, fresh string) {
	d.t.Helper()
	started := time.Now()
	d.bot.env = append(d.bot.env, "DATABASE_URL="+s.url("vetalyze"))
	d.bot.start()
	seen := ""
	if known != "" {
		d.receptionist.Send(known)
		d.bot.settle()
		d.open(known)
		d.says(known, "Rex", "Here since")
		seen = "found " + known + ", "
	}
	d.registered++
	d.receptionist.Send(fmt.Sprintf("/register %s, 0100 987 650%d; Rex dog 2y", fresh, d.registered))
	d.bot.settle()
	d.bot.tap(d.receptionist, "✅ Save")
	d.bot.settle()
	d.says("Registered", fresh)
	d.bot.stop()
	d.note("chat "+when, time.Since(started), seen+"registered "+fresh)
}

// open opens the only owner that a search has found.
func (d *drill) open(name string) {
	d.t.Helper()
	last, _ := d.receptionist.Last()
	if len(last.InlineKeyboard) == 0 || !strings.Contains(last.InlineKeyboard[0][0].Text, name) {
		d.t.Fatalf("a search does not find %s:\n%s\n%v", name, last.Text, last.InlineKeyboard)
	}
	d.bot.tap(d.receptionist, last.InlineKeyboard[0][0].Text)
	d.bot.settle()
}

func (d *drill) says(words ...string) {
	d.t.Helper()
	last, _ := d.receptionist.Last()
	for _, word := range words {
		if !strings.Contains(last.Text, word) {
			d.t.Errorf("the bot's answer lacks %q:\n%s", word, last.Text)
		}
	}
}

// spoil makes the mistake that is to be undone, and returns the moment before it.
func (d *drill) spoil() (moment string) {
	d.t.Helper()
	conn := d.connect(d.live)
	defer conn.Close(d.t.Context())
	d.must(conn.QueryRow(d.t.Context(), "SELECT now()::text").Scan(&moment))
	d.do(conn, "UPDATE owners SET full_name = 'Oops', second_phone = NULL")
	var last string
	d.must(conn.QueryRow(d.t.Context(), "SELECT pg_walfile_name(pg_switch_wal())").Scan(&last))
	const archived = "SELECT coalesce(last_archived_wal >= $1, false) FROM pg_stat_archiver"
	for deadline := time.Now().Add(patience); ; {
		var done bool
		d.must(conn.QueryRow(d.t.Context(), archived, last).Scan(&done))
		if done {
			return moment
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(d.live.data + ".log")
			d.t.Fatalf("the log is not archived:\n%s", log)
		}
		d.do(conn, "SELECT pg_sleep(0.05)")
	}
}

// contents are what a database holds.
type contents struct {
	tables    map[string]tally
	sequences map[string]int64
}

// A tally is a table's rows, counted and summed up.
type tally struct {
	rows int64
	sum  string
}

// tables names them, the parts of a partitioned one left out.
const tables = `
	SELECT relname FROM pg_class
	WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
	ORDER BY 1`

func (d *drill) contents(s *server) contents {
	d.t.Helper()
	conn := d.connect(s)
	defer conn.Close(d.t.Context())
	found := contents{tables: make(map[string]tally), sequences: make(map[string]int64)}
	for _, table := range d.names(conn, tables) {
		var sum tally
		const ask = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM %s AS t"
		d.must(conn.QueryRow(d.t.Context(), fmt.Sprintf(ask, pgx.Identifier{table}.Sanitize())).Scan(&sum.rows, &sum.sum))
		found.tables[table] = sum
	}
	for _, name := range d.names(conn, "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1") {
		var last int64
		d.must(conn.QueryRow(d.t.Context(), "SELECT last_value FROM "+pgx.Identifier{name}.Sanitize()).Scan(&last))
		found.sequences[name] = last
	}
	return found
}

// check holds a restored server to what the original held.
func (d *drill) check(s *server, want contents, schema string) {
	d.t.Helper()
	started := time.Now()
	got := d.contents(s)
	if diff := cmp.Diff(want.tables, got.tables, cmp.AllowUnexported(tally{})); diff != "" {
		d.t.Errorf("%s: tables differ (-original +restored):\n%s", filepath.Base(s.data), diff)
	}
	for name, last := range want.sequences { // the log is ahead of a sequence by some numbers
		if got.sequences[name] < last {
			d.t.Errorf("%s: sequence %s is at %d, before %d", filepath.Base(s.data), name, got.sequences[name], last)
		}
	}
	if diff := cmp.Diff(strings.Split(schema, "\n"), strings.Split(s.schema(), "\n")); diff != "" {
		d.t.Errorf("%s: the schema differs (-original +restored):\n%s", filepath.Base(s.data), diff)
	}
	d.isolated(s)
	d.note("check it", time.Since(started),
		fmt.Sprintf("%d tables, %d sequences, %d lines of schema, both roles", len(got.tables), len(got.sequences), strings.Count(schema, "\n")))
}

// isolated holds the restored roles and policies to their promise, through the bot's own login.
func (d *drill) isolated(s *server) {
	d.t.Helper()
	ctx := d.t.Context()
	database, err := db.Open(ctx, s.url("vetalyze"))
	d.must(err)
	defer database.Close()
	conn := d.connect(s)
	defer conn.Close(ctx)
	for _, table := range []string{"owners", "pets", "search_terms"} {
		var own, seen, others, without int
		d.must(conn.QueryRow(ctx, "SELECT count(*) FROM "+table+" WHERE clinic_id = $1", d.clinic).Scan(&own))
		const ask = "SELECT count(*), count(*) FILTER (WHERE clinic_id <> $1) FROM "
		d.must(database.Clinic(d.clinic).QueryRow(ctx, ask+table, d.clinic).Scan(&seen, &others))
		d.must(database.Person(1).QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&without))
		if seen != own || own == 0 || others != 0 || without != 0 {
			d.t.Errorf("%s of clinic %d: %d of %d rows are seen, %d of others, %d without a clinic", table, d.clinic, seen, own, others, without)
		}
		var refusal *pgconn.PgError
		if err := database.Platform().QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&seen); !errors.As(err, &refusal) || refusal.Code != "42501" {
			d.t.Errorf("the platform asks for %s: %v, want permission denied", table, err)
		}
	}
}

// report prints what the drill has seen.
func (d *drill) report(atDump, atMoment contents) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nstep\ttook\tseen")
	for _, step := range d.steps {
		fmt.Fprintln(w, step)
	}
	fmt.Fprintln(w, "\ntable\trows in the dump\trows at the moment")
	conn := d.connect(d.live)
	defer conn.Close(d.t.Context())
	for _, table := range d.names(conn, tables) {
		fmt.Fprintf(w, "%s\t%d\t%d\n", table, atDump.tables[table].rows, atMoment.tables[table].rows)
	}
	verdict := "Both backups hold what they should: rows, checksums, schema, roles and a chat on each."
	if d.t.Failed() {
		verdict = "SOMETHING DIFFERS: see above."
	}
	_ = w.Flush() // into memory
	fmt.Fprintln(d.t.Output(), text.String()+"\n"+verdict)
}

func (d *drill) connect(s *server) *pgx.Conn {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), s.url("postgres"))
	d.must(err)
	d.do(conn, "SET TimeZone = 'UTC'")
	return conn
}

func (d *drill) do(conn *pgx.Conn, sql string) {
	d.t.Helper()
	_, err := conn.Exec(d.t.Context(), sql)
	d.must(err)
}

func (d *drill) names(conn *pgx.Conn, sql string) []string {
	d.t.Helper()
	rows, err := conn.Query(d.t.Context(), sql)
	d.must(err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	d.must(err)
	return names
}

func (d *drill) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}
