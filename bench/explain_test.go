package bench

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
)

var explainTo = flag.String("explain", "", "write the plan of every question's statements to this `file`")

// sequential matches a plan that reads the whole of a tenant's table.
var sequential = regexp.MustCompile(`Seq Scan on (owners|pets|search_terms|changes|merges|staff)\b`)

// TestExplain writes how PostgreSQL answers each question in the clinic's role: the plans in docs/explain.md.
func TestExplain(t *testing.T) {
	if *explainTo == "" {
		t.Skip("writes a file: go test ./bench -run Explain -explain FILE, with BENCH_DATABASE_URL")
	}
	s := open(t)
	var page strings.Builder
	fmt.Fprintf(&page, explainHead, s.describe(t))
	for _, q := range questions {
		in := s.inputs(t, q)[:1]
		fmt.Fprintf(&page, "\n## %s\n", q.name)
		for i, statement := range s.record(t, q, in)[0] {
			if i > 0 {
				page.WriteString("\nThen:\n")
			}
			plan := s.explain(t, q, in[0], statement)
			fmt.Fprintf(&page, "\n```\n%s```\n", plan)
			if found := sequential.FindString(plan); found != "" && os.Getenv("BENCH_DATABASE_URL") != "" {
				t.Errorf("%s: %s", q.name, found)
			}
		}
	}
	must(t, os.WriteFile(*explainTo, []byte(page.String()), 0o644))
}

const explainHead = `# How PostgreSQL answers

EXPLAIN (ANALYZE, BUFFERS) of every listing and search, in the clinic's role and scope (the platform's for clinics), under row-level security, as a
statement that was prepared and run before. Made by

    BENCH_DATABASE_URL=... make explain

%s
`

// explain returns the plan of a statement as our own connections run it: role, setting and planning are theirs.
func (s *stage) explain(t testing.TB, q question, in input, statement db.Statement) string {
	t.Helper()
	scope := s.db.Clinic(in.by.ClinicID)
	if q.platform {
		scope = s.db.Platform()
	}
	places := make([]string, len(statement.Args))
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	// Arguments are written into the text, as EXECUTE takes no parameters.
	run := "EXPLAIN (ANALYZE, BUFFERS) EXECUTE explained(" + strings.Join(places, ", ") + ")"
	arguments := append([]any{pgx.QueryExecModeSimpleProtocol}, statement.Args...)

	var plan []string
	must(t, scope.InTx(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(t.Context(), "PREPARE explained AS "+statement.SQL, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		for range 2 { // the first time it is planned, and what it reads may come from the disk
			rows, err := tx.Query(t.Context(), run, arguments...)
			if err != nil {
				return err
			}
			if plan, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), "DEALLOCATE explained")
		return err
	}))
	name, _, _ := strings.Cut(strings.TrimPrefix(statement.SQL, "-- name: "), " ")
	return name + "\n\n" + strings.Join(plan, "\n") + "\n"
}
